/**
 * File descriptors: small numbers that stand for open endpoints.
 *
 * An endpoint that has a descriptor of the system is filed under its number.
 * All others get numbers of this library's own. Several numbers may stand for
 * the same endpoint, which is closed with the last.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { integer } from "./bytes.ts";
import { OSError } from "./errors.ts";
import { Slab } from "./slab.ts";
import { keep } from "./reactor/alive.ts";
import type { Endpoint } from "./transport/transport.ts";

/** 0 to 2 are the standard streams everywhere. */
const FIRST = 3;
/** No system has that many descriptors: Linux's limit is 2²⁰ by default. */
const ABOVE_SYSTEM = 2 ** 30;

/** An open endpoint and its descriptors. */
interface Open {
  readonly endpoint: Endpoint;
  /** How many descriptors there are. */
  shares: number;
}

/** By the library's own numbers, until the system's are used. */
const early = new Slab<Open>(FIRST);
/** By those that it has from then on. */
const late = new Slab<Open>(ABOVE_SYSTEM);
/** By the system's. */
const system = new Slab<Open>();
let own = early;
/** Of {@linkcode early}, what is still in use when the system's are. */
const kept = new Set<number>();
/** All numbers from here on are the system's. */
let aboveKept = FIRST;
let count = 0;

/**
 * Leaves the numbers that the system may use to it, except those that are in
 * use now: see {@linkcode systemNumber}.
 */
export function leaveNumbersToSystem(): void {
  if (own === late) return;
  own = late;
  for (const fd of early.reserved()) {
    kept.add(fd);
    aboveKept = Math.max(aboveKept, fd + 1);
  }
}

/**
 * A number that the system gave; if it stands for something else here, the one
 * from which on all are free.
 */
export function systemNumber(fd: number): number {
  return kept.has(fd) ? aboveKept : fd;
}

/** Takes a number that stands for nothing yet. */
export function reserveDescriptor(): number {
  return own.reserve();
}

/** Gives a reserved number back. */
export function releaseDescriptor(fd: number): void {
  (fd < ABOVE_SYSTEM ? early : late).release(fd);
  kept.delete(fd);
}

/** Opens the first descriptor of an endpoint. */
export function openDescriptor(endpoint: Endpoint): number {
  return open({ endpoint, shares: 0 }, endpoint.fd);
}

/** Opens another descriptor for the endpoint of this one. */
export function dupDescriptor(fd: number): number {
  const opened = openOf(fd);
  const copy = opened.endpoint.dup?.();
  return copy ? openDescriptor(copy) : open(opened);
}

function open(what: Open, fd?: number): number {
  const number = fd ?? own.reserve();
  (fd === undefined ? own : system).set(number, what);
  what.shares++;
  if (count++ === 0) keep(true);
  return number;
}

function find(fd: number): Open | undefined {
  if (integer(fd, "a file descriptor") >= ABOVE_SYSTEM) return late.get(fd);
  return system.get(fd) ?? early.get(fd);
}

/** Whether a number stands for an endpoint, or for that one. */
export function isOpen(fd: number, endpoint?: Endpoint): boolean {
  const open = find(fd);
  return open !== undefined && open.endpoint === (endpoint ?? open.endpoint);
}

/** The endpoint that a descriptor stands for. */
export function endpointOf(fd: number): Endpoint {
  return openOf(fd).endpoint;
}

function openOf(fd: number): Open {
  const open = find(fd);
  if (!open) throw new OSError(errno.EBADF);
  return open;
}

/** How many descriptors stand for the endpoint of this one. */
export function sharesOf(fd: number): number {
  return openOf(fd).shares;
}

/** Closes a descriptor, and with the last one the endpoint. */
export function closeDescriptor(fd: number): void {
  const endpoint = endpointOf(fd);
  if (forgetDescriptor(fd)) endpoint.close();
}

/**
 * Closes a descriptor, but not its endpoint. Whether it was the last one.
 */
export function forgetDescriptor(fd: number): boolean {
  const open = openOf(fd);
  if (system.get(fd) === open) system.delete(fd);
  else releaseDescriptor(fd);
  if (--count === 0) keep(false);
  return --open.shares === 0;
}
