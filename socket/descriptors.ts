/**
 * File descriptors: small numbers that stand for open endpoints.
 *
 * Several may stand for the same endpoint, which is closed with the last.
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

/** What a descriptor stands for. */
interface Open {
  readonly endpoint: Endpoint;
  /** How many descriptors stand for it. */
  shares: number;
}

const opens = new Slab<Open>(FIRST);
let count = 0;

/** Takes a number that stands for nothing yet. */
export function reserveDescriptor(): number {
  return opens.reserve();
}

/** Gives a reserved number back. */
export function releaseDescriptor(fd: number): void {
  opens.release(fd);
}

/** Opens the first descriptor of an endpoint. */
export function openDescriptor(endpoint: Endpoint): number {
  return open({ endpoint, shares: 0 });
}

/** Opens another descriptor for what this one stands for. */
export function dupDescriptor(fd: number): number {
  return open(openOf(fd));
}

function open(what: Open): number {
  const fd = reserveDescriptor();
  opens.set(fd, what);
  what.shares++;
  if (count++ === 0) keep(true);
  return fd;
}

/** Whether a number stands for an endpoint. */
export function isOpen(fd: number): boolean {
  return opens.get(fd) !== undefined;
}

/** The endpoint that a descriptor stands for. */
export function endpointOf(fd: number): Endpoint {
  return openOf(fd).endpoint;
}

function openOf(fd: number): Open {
  const open = opens.get(integer(fd, "a file descriptor"));
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
  opens.release(fd);
  if (--count === 0) keep(false);
  return --open.shares === 0;
}
