/**
 * The options of `Thread`, whose types follow the target's parameters.
 *
 * @module
 */

/** What every thread may be given. */
export interface CommonOptions {
  /** Always `null`, as in Python. */
  readonly group?: null | undefined;
  /** The name; without one, it is made of a number and the target's name. */
  readonly name?: string | null | undefined;
  /**
   * Whether the process may end before the thread; `null` for what holds for
   * the current thread.
   */
  readonly daemon?: boolean | null | undefined;
  /**
   * The URL of the module that exports the target, or a class without a target,
   * if that isn't the module that the constructor is called in: there,
   * `import.meta.url`.
   */
  readonly module?: string | URL | undefined;
  /**
   * Whether the thread gets a worker of its own, which it should if it
   * computes long without awaiting.
   */
  readonly dedicated?: boolean | undefined;
}

/** The options of a class with its own `run()`. */
export interface NoTarget extends CommonOptions {
  /** None. */
  readonly target?: null | undefined;
  /** None without a target. */
  readonly args?: undefined;
  /** None without a target. */
  readonly kwargs?: null | undefined;
}

/** The arguments, which may be missing if the target needs none. */
export type ArgsOf<P extends readonly unknown[]> = [] extends P
  ? { readonly args?: Readonly<P> | undefined }
  : { readonly args: Readonly<P> };

/** The options of a thread that calls a function. */
export type Target<P extends readonly unknown[]> =
  & CommonOptions
  & {
    /** An exported function. */
    readonly target: (...args: P) => unknown;
    /** None. */
    readonly kwargs?: null | undefined;
  }
  & ArgsOf<NoInfer<P>>;

/** The options of a thread that calls a function with an object at the end. */
export interface TargetWithOptions<P extends readonly unknown[], K>
  extends CommonOptions {
  /** An exported function. */
  readonly target: (...args: [...P, K]) => unknown;
  /** Its arguments, apart from the last one. */
  readonly args?: readonly [...P] | undefined;
  /** Its last argument. */
  readonly kwargs: K;
}
