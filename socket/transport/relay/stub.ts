/**
 * The half of a lent endpoint that stays in the thread that opened it.
 *
 * It takes records from its proxy and drives the endpoint for it. Nothing is
 * done from inside the endpoint's own calls: the endpoint wakes the stub, the
 * line runs {@linkcode EndpointStub.pump} later, and all that follows from an
 * event happens there.
 *
 * ```text
 *          connect           POLLOUT
 * idle ──────────► connecting ──────► open ──► ended   (end or failure told)
 *  │  ◄──────────────────┘ failed
 *  └─ listen ─► listening ─ shutdown ─► idle
 * any ─ close, return, loss of the other thread ─► closed
 * ```
 *
 * @module
 */

import { concat } from "../../bytes.ts";
import { SHUT_WR, SO_RCVBUF, SO_SNDBUF, SOL_SOCKET } from "../../constants.ts";
import { closeDescriptor, openDescriptor } from "../../descriptors.ts";
import { decode, encode } from "../../link/json.ts";
import { Op } from "../../link/records.ts";
import { POLLERR, POLLIN, POLLOUT } from "../../reactor/events.ts";
import type { Watch } from "../../reactor/readiness.ts";
import {
  type Endpoint,
  isConnectionless,
  type SocketAddress,
} from "../transport.ts";
import { answerTo, type Call } from "./calls.ts";
import { decodeMessage, errorOf, type ErrorReport, reportOf } from "./codec.ts";
import type { Lent, LentSnapshot, Returned, StubLine } from "./lending.ts";
import { ReadPump } from "./read_pump.ts";
import { WritePump } from "./write_pump.ts";

/** The sizes of buffers where an endpoint has no options for them. */
const DEFAULT_BUFFER = 256 * 1024;

type State = "idle" | "connecting" | "listening" | "open" | "ended" | "closed";

/** The half of a lent endpoint that stays. */
export class EndpointStub implements Watch {
  /** The descriptor; `null` if only the proxy's user has ever known of it. */
  readonly #fd: number | null;
  readonly #endpoint: Endpoint;
  readonly #line: StubLine;
  readonly #reads: ReadPump;
  readonly #writes: WritePump;
  #state: State = "idle";
  #started = false;
  /** The proxy may send up to this count, as it was last told. */
  #credit: number;
  #sendWindow: number;
  /** The events that are watched, except for POLLIN; `null` if none are. */
  #watched: number | null = null;
  /** Watches for what can be read, while the proxy wants that. */
  readonly #readable: Watch = {
    events: POLLIN,
    lasting: true,
    wake: () => this.#line.schedule(this),
  };
  #reading = false;
  /** The endpoint has woken the stub, perhaps for an error. */
  #woken = false;
  /** The proxy waits to hear that what there is was let in. */
  #settling = false;
  /** How many errors the proxy was told, and the last of them. */
  #errors = 0;
  #lastError: ErrorReport | null = null;

  readonly lasting = true;
  events = 0;

  /** Takes over an endpoint, with its descriptor if it has one. */
  constructor(endpoint: Endpoint, fd: number | null, line: StubLine) {
    this.#endpoint = endpoint;
    this.#fd = fd;
    this.#line = line;
    this.#reads = new ReadPump(this.#endpoint, this.#line);
    this.#writes = new WritePump(this.#endpoint);
    this.#credit = this.#sendWindow = this.#bufferSize(SO_SNDBUF);
  }

  /** The number under which both halves send records. */
  get id(): number {
    return this.#line.id;
  }

  // The state

  /** What the proxy has to know, as it is now. */
  get lent(): Lent {
    const { family, type, proto } = this.#endpoint;
    const { shared, id } = this.#line;
    const snapshot: LentSnapshot = {
      ...this.#endpoint.snapshot(),
      family,
      type,
      proto,
      shared,
      window: this.#bufferSize(SO_RCVBUF),
      sendWindow: this.#sendWindow,
      credit: this.#credit,
    };
    return { id, snapshot };
  }

  #bufferSize(name: number): number {
    try {
      return this.#endpoint.getsockopt(SOL_SOCKET, name, 0) as number;
    } catch {
      return DEFAULT_BUFFER;
    }
  }

  /** Begins to send, once the proxy is known of. */
  start(): void {
    this.#started = true;
    this.#enter(this.#phase());
  }

  #phase(): State {
    if (isConnectionless(this.#endpoint)) return "open";
    switch (this.#endpoint.snapshot().phase) {
      case "listening":
        return "listening";
      case "connected":
        return "open";
      case "connecting":
        return "connecting";
      case "failed":
        // The proxy has not heard of the failure yet.
        return this.#endpoint.readiness & POLLERR ? "connecting" : "idle";
      case "new":
        return "idle";
    }
  }

  #enter(state: State): void {
    if (state === this.#state) return;
    this.#state = state;
    if (state === "open") {
      // Reading begins before the proxy asks, unless others might want it.
      const window = this.#line.shared ? 0 : this.#bufferSize(SO_RCVBUF);
      this.#reads.reset(window, false);
    } else if (state !== "ended") this.#reads.reset(0, state === "listening");
    this.#line.schedule(this);
  }

  // Records from the proxy

  /** Takes a record. The payload is only there during the call. */
  onRecord(op: Op, a: number, b: number, payload: Uint8Array): void {
    switch (op) {
      case Op.Send:
        return this.#send(payload, null);
      case Op.SendTo: {
        const { data, address } = decodeMessage(payload);
        return this.#send(data, address);
      }
      case Op.Window:
        this.#reads.grant(a, b);
        break;
      case Op.Shutdown:
        this.#shutdown(a, b);
        break;
      case Op.Connect:
        this.#connect(decode<Call["connect"]>(payload));
        break;
      case Op.Settle:
        this.#settle(a);
        break;
      case Op.Close:
        this.#reads.acknowledge(b);
        return this.close();
    }
    this.#line.schedule(this);
  }

  #send(data: Uint8Array, address: SocketAddress | null): void {
    this.#write(() => this.#writes.send(data, address));
    this.#extendCredit();
    if (!this.#writes.empty) this.#line.schedule(this);
  }

  #write(operation: () => void): void {
    try {
      operation();
    } catch (error) {
      if (isConnectionless(this.#endpoint)) this.#tell(Op.Failed, error);
      else this.#tell(Op.Unsent, error);
    }
  }

  #tell(op: Op, error: unknown): void {
    this.#errors++;
    this.#lastError = reportOf(error);
    this.#line.send(op, 0, 0, encode(this.#lastError));
  }

  #shutdown(how: number, accepted: number): void {
    if (this.#state === "listening") {
      if (how === SHUT_WR) return;
      this.#closeOffered(accepted);
      this.#write(() => this.#endpoint.shutdown(how));
      return this.#enter("idle");
    }
    this.#write(() => this.#writes.shutdown(how));
  }

  /** Closes the connections that the proxy was offered and didn't accept. */
  #closeOffered(accepted: number): void {
    this.#reads.acknowledge(accepted);
    for (const { stub } of this.#reads.reclaim().accepted) stub.close();
  }

  #connect([address, name]: Call["connect"]): void {
    this.#writes.reopen();
    try {
      this.#endpoint.connect(address, name);
      // Naming the peer of records is all that there is to do.
      if (!isConnectionless(this.#endpoint)) return this.#enter("connecting");
    } catch (error) {
      this.#tell(Op.Failed, error);
      if (!isConnectionless(this.#endpoint)) return;
    }
    this.#line.send(Op.Connected, 0, 0, encode(this.lent.snapshot));
  }

  async #settle(events: number): Promise<void> {
    await this.#endpoint.settle?.(events);
    if (this.#state === "closed") return;
    this.#settling = true;
    this.#line.schedule(this);
  }

  /** Calls a method of the endpoint; the answer, or the error. */
  call(payload: Uint8Array): unknown {
    const answer = answerTo(this.#endpoint, payload);
    if ("error" in answer) return answer;
    // Listening is all that a call can begin. After bind() nobody may look: a
    // port that the system chose can still change until somebody has seen it.
    if (answer.looked && this.#phase() === "listening") {
      this.#enter("listening");
    }
    this.#sendWindow = this.#bufferSize(SO_SNDBUF);
    this.#credit = this.#writes.taken + this.#sendWindow | 0;
    this.#line.schedule(this);
    return { ...answer, snapshot: answer.looked ? this.lent.snapshot : null };
  }

  // The pump

  /** The endpoint may be ready. */
  wake(): void {
    this.#woken = true;
    this.#line.schedule(this);
  }

  /** Does all that can be done now. */
  pump(): void {
    if (this.#state === "closed" || !this.#started) return;
    while (!this.#writes.empty) {
      const before = this.#writes.taken;
      this.#write(() => this.#writes.run());
      if (this.#writes.taken === before) break;
    }
    if (this.#state === "connecting") this.#checkConnecting();
    // An endpoint that is watched reads on whenever something is taken, which
    // is in vain if the proxy closes it next.
    this.#watchReadable(false);
    this.#read();
    if (this.#woken) this.#checkSent();
    this.#woken = false;
    this.#extendCredit();
    if (this.#settling) {
      this.#settling = false;
      this.#tellCredit();
      this.#line.send(Op.Settled);
    }
    this.#watch(this.#wanted);
    this.#watchReadable(this.#wantsToRead);
  }

  #checkConnecting(): void {
    const { readiness } = this.#endpoint;
    if (!(readiness & (POLLOUT | POLLERR))) return;
    const error = this.#endpoint.takeError();
    if (error) {
      this.#tell(Op.Failed, error);
      return this.#enter("idle");
    }
    this.#line.send(Op.Connected, 0, 0, encode(this.lent.snapshot));
    this.#enter("open");
  }

  #read(): void {
    if (this.#state !== "open" && this.#state !== "listening") return;
    try {
      if (!this.#reads.run()) return;
      this.#line.send(Op.End);
      this.#enter("ended");
    } catch (error) {
      this.#tell(Op.Failed, error);
      this.#reads.fail();
      // The error of one record, or of one client, ends nothing.
      if (this.#state === "listening" || isConnectionless(this.#endpoint)) {
        return this.#line.schedule(this);
      }
      this.#enter("ended");
      this.#writes.break();
    }
  }

  /** What the endpoint took to send may fail later. */
  #checkSent(): void {
    const connected = this.#state === "open" || this.#state === "ended";
    if (!connected || !(this.#endpoint.readiness & POLLERR)) return;
    const error = this.#endpoint.takeError();
    if (error) this.#tell(Op.Unsent, error);
  }

  /** Lets the proxy send more, as soon as that is worth a record. */
  #extendCredit(): void {
    const credit = this.#writes.taken + this.#sendWindow | 0;
    const more = credit - this.#credit | 0;
    if (Math.abs(more) >= this.#sendWindow / 4) this.#tellCredit();
  }

  #tellCredit(): void {
    const credit = this.#writes.taken + this.#sendWindow | 0;
    if (credit === this.#credit) return;
    this.#credit = credit;
    this.#line.send(Op.Credit, credit);
  }

  get #wantsToRead(): boolean {
    const able = this.#state === "open" || this.#state === "listening";
    return able && this.#reads.open;
  }

  #watchReadable(on: boolean): void {
    if (on === this.#reading) return;
    this.#reading = on;
    if (on) this.#endpoint.watch(this.#readable);
    else this.#endpoint.unwatch(this.#readable);
  }

  /** The events that matter now, except for POLLIN; errors always do. */
  get #wanted(): number | null {
    switch (this.#state) {
      case "connecting":
        return POLLOUT;
      case "open":
      case "ended":
        return this.#writes.empty ? 0 : POLLOUT;
    }
    return this.#writes.empty ? null : POLLOUT;
  }

  #watch(events: number | null): void {
    if (events === this.#watched) return;
    if (this.#watched !== null) this.#endpoint.unwatch(this);
    this.#watched = events;
    if (events === null) return;
    this.events = events;
    this.#endpoint.watch(this);
  }

  // The end

  /** Takes the endpoint back from its proxy; the descriptor. */
  reclaim(returned: Returned): number {
    this.#resume(returned);
    return this.#fd ?? openDescriptor(this.#endpoint);
  }

  /** The same of a connection that was offered and not accepted. */
  #recover(returned: Returned | null): Endpoint {
    this.#resume(returned);
    return this.#endpoint;
  }

  #resume(returned: Returned | null): void {
    if (returned) this.#reads.acknowledge(returned.consumed);
    this.#detach();
    const { bytes, messages, accepted } = this.#reads.reclaim();
    const again = returned?.accepted.map(({ returned, address }) => ({
      endpoint: this.#line.stub(returned.id).#recover(returned),
      address,
    }));
    const offered = accepted.map(({ stub, address }) => ({
      endpoint: stub.#recover(null),
      address,
    }));
    // An error on its way to the proxy is nobody's yet.
    const seen = returned?.errors === this.#errors;
    const error = seen ? returned.error : this.#lastError;
    this.#endpoint.resume({
      bytes: returned ? concat([returned.bytes, bytes]) : bytes,
      messages: [...returned?.messages ?? [], ...messages],
      accepted: [...again ?? [], ...offered],
      error: error && errorOf(error),
      unsent: this.#writes.drain(),
    });
  }

  /** Closes the endpoint, behind what was sent. */
  close(): void {
    if (this.#state === "closed") return;
    this.#detach();
    const { accepted } = this.#reads.reclaim();
    for (const { stub } of accepted) stub.close();
    const unsent = this.#writes.drain();
    if (unsent.length > 0) {
      this.#endpoint.resume({
        bytes: new Uint8Array(0),
        messages: [],
        accepted: [],
        error: null,
        unsent,
      });
    }
    if (this.#fd === null) this.#endpoint.close();
    else closeDescriptor(this.#fd);
  }

  #detach(): void {
    this.#watch(null);
    this.#watchReadable(false);
    this.#state = "closed";
    this.#line.end();
  }
}
