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
import type { Endpoint } from "./transport/transport.ts";

/** 0 to 2 are the standard streams everywhere. */
const FIRST = 3;

const endpoints = new Map<number, Endpoint>();
const counts = new Map<Endpoint, number>();
/** Numbers below this are taken, unless they are in `free`. */
let next = FIRST;
const free: number[] = [];

/** Takes a number that stands for nothing yet. */
export function reserveDescriptor(): number {
  return free.pop() ?? next++;
}

/** Gives a reserved number back. */
export function releaseDescriptor(fd: number): void {
  free.push(fd);
}

/** Opens a new descriptor for an endpoint. */
export function openDescriptor(endpoint: Endpoint): number {
  const fd = reserveDescriptor();
  endpoints.set(fd, endpoint);
  counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
  return fd;
}

/** Whether a number stands for an endpoint. */
export function isOpen(fd: number): boolean {
  return endpoints.has(fd);
}

/** The endpoint that a descriptor stands for. */
export function endpointOf(fd: number): Endpoint {
  const endpoint = endpoints.get(integer(fd, "a file descriptor"));
  if (!endpoint) throw new OSError(errno.EBADF);
  return endpoint;
}

/** How many descriptors stand for the endpoint of this one. */
export function sharesOf(fd: number): number {
  return counts.get(endpointOf(fd))!;
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
  const endpoint = endpointOf(fd);
  endpoints.delete(fd);
  releaseDescriptor(fd);
  const count = counts.get(endpoint)! - 1;
  if (count > 0) counts.set(endpoint, count);
  else counts.delete(endpoint);
  return count === 0;
}
