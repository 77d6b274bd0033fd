/**
 * The names of constants, for messages.
 *
 * @module
 */

import * as constants from "../constants.ts";
import {
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  SOL_SOCKET,
} from "../constants.ts";

/** The prefixes of the names of each level's options. */
const OPTIONS: Readonly<Record<number, [level: string, option: RegExp]>> = {
  [SOL_SOCKET]: ["SOL_SOCKET", /^SO_(?!J1939_|VM_)/],
  [IPPROTO_TCP]: ["IPPROTO_TCP", /^TCP_/],
  // The defaults and the bounds are values, not options.
  [IPPROTO_IP]: ["IPPROTO_IP", /^IP_(?!DEFAULT_|MAX_)/],
  [IPPROTO_IPV6]: ["IPPROTO_IPV6", /^IPV6_(?!RTHDR_TYPE_)/],
};

/** How a program calls an option, as far as Python has a name for it. */
export function optionName(level: number, name: number): string {
  const [levelName, pattern] = OPTIONS[level] ?? [`level ${level}`, /^$/];
  return `${nameOf(name, pattern) ?? `option ${name}`} of ${levelName}`;
}

/** How a program calls `MSG_` flags. */
export function flagNames(flags: number): string {
  const names: string[] = [];
  for (let bit = 1; flags !== 0; bit <<= 1) {
    if (flags & bit) {
      names.push(nameOf(bit, /^MSG_/) ?? `0x${(bit >>> 0).toString(16)}`);
    }
    flags &= ~bit;
  }
  return names.join(" | ");
}

function nameOf(value: number, pattern: RegExp): string | undefined {
  return Object.entries(constants)
    .find(([name, number]) => number === value && pattern.test(name))?.[0];
}
