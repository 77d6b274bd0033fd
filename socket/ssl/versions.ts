/**
 * Which versions of TLS a context allows.
 *
 * @module
 */

import { integer } from "../bytes.ts";
import * as c from "./constants.ts";

const OLDEST = c.TLSVersion.TLSv1_2;
const NEWEST = c.TLSVersion.TLSv1_3;
const NAMES = { [OLDEST]: "TLSv1.2", [NEWEST]: "TLSv1.3" } as const;

/** The protocols that have one version, and those that Deno doesn't have. */
const ONE_VERSION = new Map<number, number>([
  [c.PROTOCOL_TLSv1, c.TLSVersion.TLSv1],
  [c.PROTOCOL_TLSv1_1, c.TLSVersion.TLSv1_1],
  [c.PROTOCOL_TLSv1_2, c.TLSVersion.TLSv1_2],
]);

const PROTOCOLS = [
  c.PROTOCOL_TLS,
  c.PROTOCOL_TLS_CLIENT,
  c.PROTOCOL_TLS_SERVER,
  ...ONE_VERSION.keys(),
];

/** The bounds of the versions, as Node's TLS has them. */
export interface Bounds {
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  readonly maxVersion: "TLSv1.2" | "TLSv1.3";
}

/** The versions of a protocol, with bounds. */
export class Versions {
  readonly #fixed: boolean;
  #minimum: number;
  #maximum: number;

  constructor(protocol: number) {
    if (!PROTOCOLS.includes(protocol)) {
      throw new RangeError(
        `invalid or unsupported protocol version ${protocol}`,
      );
    }
    const only = ONE_VERSION.get(protocol);
    this.#fixed = only !== undefined;
    this.#minimum = only ?? OLDEST;
    this.#maximum = only ?? c.TLSVersion.MAXIMUM_SUPPORTED;
  }

  get minimum(): number {
    return this.#minimum;
  }

  set minimum(version: number) {
    this.#check(version);
    const newest = version === c.TLSVersion.MAXIMUM_SUPPORTED;
    this.#minimum = newest ? NEWEST : version;
  }

  get maximum(): number {
    return this.#maximum;
  }

  set maximum(version: number) {
    this.#check(version);
    const oldest = version === c.TLSVersion.MINIMUM_SUPPORTED;
    this.#maximum = oldest ? c.TLSVersion.TLSv1 : version;
  }

  #check(version: number): void {
    if (this.#fixed) {
      throw new RangeError(
        "The context's protocol doesn't support modification of highest and lowest version.",
      );
    }
    const versions: number[] = Object.values(c.TLSVersion);
    if (versions.includes(version)) return;
    const number = integer(version, "version").toString(16);
    throw new RangeError(`Unsupported TLS/SSL version 0x${number}`);
  }

  /** What is left of them with these options; `null` if nothing is. */
  left(options: number): Bounds | null {
    const maximum = this.#maximum === c.TLSVersion.MAXIMUM_SUPPORTED
      ? NEWEST
      : this.#maximum;
    const allowed = [
      options & c.OP_NO_TLSv1_2 ? [] : [OLDEST],
      options & c.OP_NO_TLSv1_3 ? [] : [NEWEST],
    ].flat().filter((each) => each >= this.#minimum && each <= maximum);
    const [oldest] = allowed;
    if (oldest === undefined) return null;
    const newest = allowed.at(-1)!;
    return { minVersion: NAMES[oldest], maxVersion: NAMES[newest] };
  }
}
