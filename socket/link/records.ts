/**
 * The types of the records that two threads send each other.
 *
 * A record has a type, the number of what it is about, two integers and a
 * payload. What the integers mean is said with each type.
 *
 * @module
 */

/** The type of a record. */
export enum Op {
  // Of the ring and the link themselves.

  /** Fills the place up to the end of the ring. */
  Filler,
  /** A message that structured clone carries belongs here. */
  Message,
  /** A part of a payload that is too long for one record. */
  Part,

  // From an endpoint's proxy to its stub.

  /** Bytes to send. */
  Send,
  /** A record to send, with its destination. */
  SendTo,
  /** `a`: the stub may send up to this count; `b`: this much was consumed. */
  Window,
  /** `a`: how to shut down; `b`: how many connections were accepted. */
  Shutdown,
  /** Close, behind what was sent; `b`: how many connections were accepted. */
  Close,
  /** Begin to connect. */
  Connect,
  /**
   * Let in what the system has for the events `a`, then {@linkcode Settled}.
   * With the number 0: for all endpoints.
   */
  Settle,
  /** Call a method; the sender is blocked until the answer. */
  Call,

  // From an endpoint's stub to its proxy.

  /** Bytes that were received. */
  Data,
  /** A record that was received, with its source. */
  Datagram,
  /** `a`: the proxy may send up to this count. */
  Credit,
  /** The end of the stream. */
  End,
  /** The connection has failed, or could not be made. */
  Failed,
  /** What was sent could not be delivered. */
  Unsent,
  /** The connection was made. */
  Connected,
  /** A connection was accepted, and is lent as well. */
  Accepted,
  /** The answer to {@linkcode Settle}. */
  Settled,

  // Between the threads themselves.

  /** A few bits: a subject, and its value in `a`. */
  Note,
  /** A message as text. */
  Text,
}
