/**
 * What a new `Thread` is, from the options of its constructor.
 *
 * @module
 */

import { kind } from "../../socket/bytes.ts";
import { get_ident, inThread } from "../current.ts";
import { checkCallable, moduleOf, moduleOfClass, named } from "../function.ts";
import { nextNumber } from "../registry.ts";
import { isRecord } from "../start.ts";
import type { CommonOptions } from "./options.ts";
import { objectOf, type State, type Target } from "./state.ts";

/** The options, before their types are checked. */
export interface Options extends CommonOptions {
  readonly target?: unknown;
  readonly args?: unknown;
  readonly kwargs?: unknown;
}

/** The classes of `threading` itself, which every worker has. */
const ownClasses = new Map<string, object>();

/** Says that a class needn't be found in a module of the program. */
export function registerClass(name: string, type: object): void {
  ownClasses.set(name, type);
}

/** The class of `threading` with that name. */
export function ownClass(name: string): object | undefined {
  return ownClasses.get(name);
}

/**
 * The state of a thread that wasn't started.
 *
 * @param type The class of the object.
 * @param base The class `Thread`, which knows more than this module.
 * @param caller The constructor whose caller has the target in its module.
 * @throws {TypeError} If an option is of the wrong type.
 */
export function initialState(
  options: unknown,
  type: { name: string },
  base: object,
  caller: object,
): State {
  const given = checkOptions(options);
  const { module } = given;
  const target = targetOf(
    given,
    () => moduleOf(given.target as object, caller),
  );
  const found = typeOf(type, base, target ? undefined : module);
  // As in Python, a Timer isn't named after its function.
  const isTimer = caller !== base;
  const { name = null, daemon = null, dedicated = false } = given;
  return {
    name: name ? String(name) : newName(isTimer ? null : target),
    daemon: Boolean(daemon ?? isDaemon()),
    dedicated,
    target,
    type: found,
    entry: null,
  };
}

function checkOptions(options: unknown): Options {
  if (options === null) return {};
  if (!isRecord(options)) {
    throw new TypeError(
      `options must be a plain object, not ${kind(options)}: write ` +
        "new Thread({ target, args })",
    );
  }
  const given = options as Options;
  if ((given.group ?? null) !== null) {
    throw new TypeError("group argument must be None for now");
  }
  return given;
}

function targetOf(options: Options, find: () => string | null): Target | null {
  const { target = null, args = [], kwargs = null, module } = options;
  if (!Array.isArray(args)) {
    throw new TypeError(`args must be an array, not ${kind(args)}`);
  }
  if (kwargs !== null && !isRecord(kwargs)) {
    throw new TypeError(`kwargs must be a plain object, not ${kind(kwargs)}`);
  }
  if (target === null) return null;
  const url = module ?? find();
  checkCallable(target, "target");
  return {
    function: target,
    named: named(target.name, url),
    args,
    kwargs: kwargs as object | null,
  };
}

function newName(target: Target | null): string {
  const suffix = target ? ` (${target.named.name})` : "";
  return `Thread-${nextNumber("Thread")}${suffix}`;
}

/** Whether the current thread is a daemon. */
function isDaemon(): boolean {
  const thread = objectOf(get_ident()) as { daemon: boolean } | null;
  // As in Python, other threads count as daemons.
  return thread?.daemon ?? inThread();
}

function typeOf(
  type: { name: string },
  base: object,
  module: unknown,
): State["type"] {
  if (type === base) return null;
  for (const [name, own] of ownClasses) if (own === type) return { name };
  const { name } = type;
  const found = module ?? moduleOfClass(type, base);
  if (name !== "") return named(name, found);
  throw new TypeError(
    "the class of a thread must be exported: one without a name can't be found by a worker",
  );
}
