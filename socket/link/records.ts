/**
 * The types of the records that two threads send each other.
 *
 * A record has a type, an id, two integers `a` and `b`, and a payload. The id
 * is that of the endpoint or thread which the record is about.
 *
 * @module
 */

/** The type of a record. */
export enum Op {
  // Of the ring and the link themselves.

  /** Unused space up to the end of the ring. */
  Filler,
  /** The place of a message of the runtime among the records. */
  Message,
  /** A part of a payload that is too long for one record. */
  Part,

  // From an endpoint's proxy to its stub. `b`: how much the user has consumed.

  /** Bytes to send. */
  Send,
  /** A datagram to send, with its destination. */
  SendTo,
  /** `a`: up to which count the stub may send, if it has to be asked. */
  Window,
  /** `a`: how to shut down. */
  Shutdown,
  /** Close once the queued data was sent. */
  Close,
  /** Begin to connect. */
  Connect,
  /**
   * Settle the endpoint's reactor for the events `a`, then {@linkcode Settled}.
   * With the number 0: for all endpoints.
   */
  Settle,
  /** Call a method; the sender is blocked until the answer. */
  Call,

  // From an endpoint's stub to its proxy. `b`: how much the endpoint has taken.

  /** Bytes that were received. */
  Data,
  /** A datagram that was received, with its source. */
  Datagram,
  /** Nothing but `b`. */
  Credit,
  /** The end of the stream. */
  End,
  /** The connection has failed, or could not be made. */
  Failed,
  /** Sent data could not be delivered. */
  Unsent,
  /** The connection was made. */
  Connected,
  /** A connection was accepted, and is lent as well. */
  Accepted,
  /** The answer to {@linkcode Settle}. */
  Settled,

  // Between a worker and the main thread.

  /** From a worker: it is ready to run threads. */
  Ready,
  /** The thread with this id, which the receiver gave it, has ended. */
  Ended,
  /** From a worker: interrupt the main thread. */
  Interrupt,
  /** From a worker: it ran out of memory. */
  OutOfMemory,
  /** A message of `ThreadLink.post()` as bytes. */
  Value,
}
