/**
 * The half of a lent endpoint that stays in the thread that opened it.
 *
 * It takes records from its proxy and drives the endpoint for it. Nothing is
 * done from inside the endpoint's own calls: the endpoint wakes the stub, the
 * channel runs {@linkcode EndpointStub.pump} later, and all that follows from
 * an event happens there.
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
import {
  SHUT_WR,
  SO_RCVBUF,
  SO_SNDBUF,
  SOCK_STREAM,
  SOL_SOCKET,
} from "../../constants.ts";
import { closeDescriptor, openDescriptor } from "../../descriptors.ts";
import { Op } from "../../link/records.ts";
import { POLLERR, POLLIN, POLLOUT } from "../../reactor/events.ts";
import type { Watch } from "../../reactor/readiness.ts";
import {
  type Endpoint,
  isConnectionless,
  type Phase,
  type SocketAddress,
} from "../transport.ts";
import { ReceiveWindow, unitsOf } from "./flow.ts";
import {
  answerTo,
  decode,
  decodeMessage,
  encode,
  errorOf,
  type ErrorReport,
  type Lent,
  type Loan,
  reportOf,
  type Returned,
  type Stub,
} from "./protocol.ts";
import { ReadPump } from "./read_pump.ts";

/** The sizes of buffers where an endpoint has no options for them. */
const DEFAULT_BUFFER = 256 * 1024;

type State = "idle" | "connecting" | "listening" | "open" | "ended" | "closed";

const STATES: Readonly<Record<Phase, State>> = {
  new: "idle",
  listening: "listening",
  connecting: "connecting",
  connected: "open",
  failed: "idle",
};

const NOTHING = {
  bytes: new Uint8Array(0),
  messages: [],
  accepted: [],
  error: null,
};
/** The message of a proxy that has received no records. */
const UNSEEN = { ...NOTHING, settled: 0, errors: -1 };

/** The half of a lent endpoint that stays. */
export class EndpointStub implements Stub, Watch {
  readonly #loan: Loan;
  readonly endpoint: Endpoint;
  readonly #reads: ReadPump;
  /** The flow from the proxy. */
  readonly #writes: ReceiveWindow;
  /** The stream takes nothing more: the rest is thrown away. */
  #broken = false;
  readonly #connectionless: boolean;
  #state: State = "idle";
  /** How many errors the proxy was told, and the last of them. */
  #errors = 0;
  #lastError: ErrorReport | null = null;

  readonly lasting = true;
  readonly background = true;
  events = 0;

  constructor(loan: Loan) {
    this.#loan = loan;
    this.endpoint = loan.endpoint;
    this.#connectionless = isConnectionless(loan.endpoint);
    this.#writes = new ReceiveWindow(this.#bufferSize(SO_SNDBUF));
    this.#reads = new ReadPump(loan, this.#writes);
  }

  // The state

  get id(): number {
    return this.#loan.id;
  }

  get lent(): Lent {
    const { id, shared } = this.#loan;
    const { family, type, proto } = this.endpoint;
    const snapshot = {
      ...this.endpoint.snapshot(),
      family,
      type,
      proto,
      shared,
      window: this.#bufferSize(SO_RCVBUF),
      sendWindow: this.#writes.size,
      taken: this.#writes.tell(),
    };
    return { id, snapshot };
  }

  #bufferSize(name: number): number {
    try {
      return this.endpoint.getsockopt(SOL_SOCKET, name, 0) as number;
    } catch {
      return DEFAULT_BUFFER;
    }
  }

  start(): void {
    this.#enter(this.#phase());
  }

  #phase(): State {
    if (this.#connectionless) return "open";
    const { phase } = this.endpoint.snapshot();
    // The proxy has not heard yet of a failure that is still to be fetched.
    if (phase === "failed" && this.endpoint.readiness & POLLERR) {
      return "connecting";
    }
    return STATES[phase];
  }

  #enter(state: State): void {
    if (state === this.#state) return;
    this.#state = state;
    if (state !== "ended") {
      this.#reads.reset(this.#bufferSize(SO_RCVBUF), state === "listening");
    }
    this.wake();
  }

  get #connected(): boolean {
    return this.#state === "open" || this.#state === "ended";
  }

  get #reading(): boolean {
    const able = this.#state === "open" || this.#state === "listening";
    return able && this.#reads.open;
  }

  // Records from the proxy

  /** Takes a record. The payload is only there during the call. */
  onRecord(op: Op, a: number, b: number, payload: Uint8Array): void {
    this.#reads.acknowledge(b);
    if (this.#reading && !(this.events & POLLIN)) this.wake();
    switch (op) {
      case Op.Send:
        return this.#send(payload, null);
      case Op.SendTo: {
        const { data, address } = decodeMessage(payload);
        return this.#send(data, address);
      }
      case Op.Window:
        this.#reads.ask(a);
        break;
      case Op.Shutdown:
        this.#shutdown(a);
        break;
      case Op.Connect:
        this.#connect(decode(payload));
        break;
      case Op.Settle:
        return void this.#settle(a);
      case Op.Close:
        return this.close();
    }
    this.wake();
  }

  /** The endpoint queues data beyond its room; the window bounds that. */
  #send(data: Uint8Array, address: SocketAddress | null): void {
    // The endpoint copies the data, also from shared memory.
    const bytes = data as Uint8Array<ArrayBuffer>;
    const { type } = this.endpoint;
    this.#writes.received += unitsOf(type, bytes);
    try {
      const count = this.#try(bytes, address);
      if (count !== bytes.length) {
        const rest = { data: bytes.slice(count), address };
        this.#writes.held += unitsOf(type, rest.data);
        this.endpoint.resume({ ...NOTHING, unsent: [rest] });
        this.wake();
      }
    } catch (error) {
      // A refused record doesn't end the endpoint.
      this.#broken = type === SOCK_STREAM;
      this.#tellUnsent(error);
    }
    if (this.#writes.due) this.#inform(Op.Credit);
  }

  #try(
    data: Uint8Array<ArrayBuffer>,
    address: SocketAddress | null,
  ): number | undefined {
    if (this.#broken) return data.length;
    if (this.#writes.held > 0) return undefined;
    return address === null
      ? this.endpoint.send(data, 0)
      : this.endpoint.sendMessage(data, 0, address);
  }

  #tellUnsent(error: unknown): void {
    this.#tell(this.#connectionless ? Op.Failed : Op.Unsent, error);
  }

  #tell(op: Op, error: unknown): void {
    this.#errors++;
    this.#lastError = reportOf(error);
    this.#inform(op, encode(this.#lastError));
  }

  #inform(op: Op, payload?: Uint8Array): void {
    const taken = this.#writes.tell();
    this.#loan.lender.link.send(op, this.#loan.id, 0, taken, payload);
  }

  #shutdown(how: number): void {
    if (this.#state === "listening") {
      if (how === SHUT_WR) return;
      for (const { stub } of this.#reads.reclaim().accepted) stub.close();
      this.#enter("idle");
    }
    try {
      this.endpoint.shutdown(how);
    } catch (error) {
      this.#tellUnsent(error);
    }
  }

  #connect([address, name]: Parameters<Endpoint["connect"]>): void {
    this.#broken = false;
    try {
      this.endpoint.connect(address, name);
      // connect() of a connectionless type only sets the peer, and is done.
      if (!this.#connectionless) return this.#enter("connecting");
    } catch (error) {
      this.#tell(Op.Failed, error);
      if (!this.#connectionless) return;
    }
    this.#inform(Op.Connected, encode(this.lent.snapshot));
  }

  async #settle(events: number): Promise<void> {
    await this.endpoint.settle?.(events);
    if (this.#state === "closed") return;
    this.pump();
    this.#inform(Op.Settled);
  }

  /** Calls a method of the endpoint; the answer, or the error. */
  call(payload: Uint8Array): unknown {
    const answer = answerTo(this.endpoint, payload);
    if ("error" in answer) return answer;
    // A call begins nothing else than listening. The address must not be read
    // behind bind(): reading it fixes a port that could still change.
    if (answer.looked && this.#phase() === "listening") {
      this.#enter("listening");
    }
    this.#writes.size = this.#bufferSize(SO_SNDBUF);
    this.#reads.window.size = this.#bufferSize(SO_RCVBUF);
    this.wake();
    return { ...answer, snapshot: answer.looked ? this.lent.snapshot : null };
  }

  // The pump

  /** Has the pump run soon. */
  wake(): void {
    this.#loan.lender.schedule(this);
  }

  pump(): void {
    if (this.#state === "closed") return;
    // While it is watched, the endpoint begins another read whenever data is
    // taken, which is wasted if the proxy closes it next.
    this.endpoint.unwatch(this);
    if (this.endpoint.readiness & (POLLOUT | POLLERR)) this.#writes.held = 0;
    if (this.#state === "connecting") this.#checkConnecting();
    if (this.#reading) this.#read();
    if (this.#connected) this.#checkSent();
    if (this.#writes.due) this.#inform(Op.Credit);
    this.events = this.#wanted;
    this.endpoint.watch(this);
  }

  #checkConnecting(): void {
    if (!(this.endpoint.readiness & (POLLOUT | POLLERR))) return;
    const error = this.endpoint.takeError();
    if (error) {
      this.#tell(Op.Failed, error);
      return this.#enter("idle");
    }
    this.#inform(Op.Connected, encode(this.lent.snapshot));
    this.#enter("open");
  }

  #read(): void {
    try {
      if (!this.#reads.run()) return;
      this.#inform(Op.End);
      this.#enter("ended");
    } catch (error) {
      this.#tell(Op.Failed, error);
      this.#reads.fail();
      // The error of one record, or of one client, doesn't end the endpoint.
      if (this.#state === "listening" || this.#connectionless) {
        return this.wake();
      }
      this.#enter("ended");
      this.#broken = true;
    }
  }

  /** Data that the endpoint has taken may fail to be sent later. */
  #checkSent(): void {
    if (!(this.endpoint.readiness & POLLERR)) return;
    const error = this.endpoint.takeError();
    if (error) this.#tellUnsent(error);
  }

  /** The events that matter now; errors always do. */
  get #wanted(): number {
    const sending = this.#state === "connecting" || this.#writes.held > 0;
    return (this.#reading ? POLLIN : 0) | (sending ? POLLOUT : 0);
  }

  // The end

  /** Takes the endpoint back from its proxy; the descriptor. */
  reclaim(returned: Returned): number {
    this.recover(returned);
    return this.#loan.fd ?? openDescriptor(this.endpoint);
  }

  recover(returned: Omit<Returned, "id"> = UNSEEN): Endpoint {
    this.#reads.acknowledge(returned.settled);
    const { bytes, messages, accepted } = this.#detach();
    const { lender } = this.#loan;
    const again = returned.accepted.map(({ returned, address }) => ({
      endpoint: lender.stub(returned.id).recover(returned),
      address,
    }));
    const offered = accepted.map(({ stub, address }) => ({
      endpoint: stub.recover(),
      address,
    }));
    // The user has not seen an error that is still on its way to the proxy.
    const seen = returned.errors === this.#errors;
    const error = seen ? returned.error : this.#lastError;
    this.endpoint.resume({
      bytes: concat([returned.bytes, bytes]),
      messages: [...returned.messages, ...messages],
      accepted: [...again, ...offered],
      error: error && errorOf(error),
      unsent: [],
    });
    return this.endpoint;
  }

  close(): void {
    if (this.#state === "closed") return;
    for (const { stub } of this.#detach().accepted) stub.close();
    if (this.#loan.fd === null) this.endpoint.close();
    else closeDescriptor(this.#loan.fd);
  }

  #detach(): ReturnType<ReadPump["reclaim"]> {
    this.endpoint.unwatch(this);
    this.#state = "closed";
    this.#loan.lender.endStub(this.#loan.id);
    return this.#reads.reclaim();
  }
}
