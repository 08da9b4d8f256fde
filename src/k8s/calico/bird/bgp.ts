import { background } from "../../../container/background.ts";
import type { StreamSocket } from "../../../kernel/uapi/index.ts";
import { type Coroutine, Signal, sleep, type Task } from "../../../sim/task.ts";
import { type Nanos, seconds } from "../../../sim/time.ts";
import type { Timer } from "../../../sim/queue.ts";
import { strerror } from "../../../userland/os/errno.ts";
import type { Process } from "../../../userland/os/process.ts";
import { connectStream } from "../../../userland/stream/stream.ts";
import type { Ipv4 } from "../../../wire/address.ts";
import type { BgpUpdate } from "../../../wire/bgp.ts";
import {
  agree,
  type Agreement,
  BgpConnection,
  capabilitiesText,
  type Ended,
  errorText,
  openMessage,
} from "./bgp-connection.ts";
import { BgpRoutes } from "./bgp-routes.ts";
import type { BgpConfig, BirdConfig } from "./config.ts";
import type { RouteTable } from "./table.ts";

export type BgpState =
  "Idle" | "Connect" | "Active" | "Passive" | "OpenSent" | "OpenConfirm" | "Established" | "Down";

/** The daemon around a session. */
export interface BgpSurroundings {
  readonly process: Process;
  readonly table: RouteTable;
  readonly routerId: Ipv4;
  /** Is the daemon coming back from a restart? */
  readonly recovering: () => boolean;
  /** The session's first routes are all there (End-of-RIB), or it will have none. */
  readonly recovered: (name: string) => void;
  readonly log: (text: string) => void;
  /** The place of a protocol in the configuration: what additional paths are told apart by. */
  readonly pathIdOf: (protocol: string) => number;
}

const OPEN_HOLD = seconds(240);
/** Class selector 6. */
const TOS = 0xc0;

/** One neighbour: the connection to it, what it told, what it was told. Models: BIRD 1.6.8 proto/bgp. */
export class BgpProtocol {
  config: BgpConfig;
  state: BgpState = "Idle";
  /** When the protocol came up, or went down. */
  since: Nanos;
  lastError = "";
  agreement: Agreement | undefined;
  capabilities = "";
  lastHeard: Nanos;
  lastSent: Nanos;
  readonly routes: BgpRoutes;
  private readonly around: BgpSurroundings;
  private task: Coroutine<void> | null = null;
  private offered: StreamSocket | undefined;
  private readonly arrived = new Signal();
  private readonly stopping = new Signal();
  private connection: BgpConnection | undefined;
  private outgoing = false;
  private staleTimer: Timer | null = null;
  private errorWait = 0;
  private keepalive: Timer | null = null;

  constructor(around: BgpSurroundings, config: BgpConfig, bird: BirdConfig) {
    this.around = around;
    this.config = config;
    const { now } = around.process.host.queue;
    this.since = now;
    this.lastHeard = now;
    this.lastSent = now;
    this.routes = new BgpRoutes(around.table, around.routerId, around.pathIdOf);
    this.routes.configure(config, bird);
  }

  get established(): boolean {
    return this.state === "Established";
  }

  start(): void {
    this.around.log(`${this.config.name}: Starting`);
    this.around.log(`${this.config.name}: State changed to start`);
    this.task = background(this.around.process.host.queue, this.run());
  }

  /** The configuration was read again and the session goes on. */
  reconfigure(config: BgpConfig, bird: BirdConfig): void {
    this.config = config;
    this.routes.configure(config, bird);
    if (this.established) this.advertise();
  }

  /** Goes down for good, with a last word. */
  stop(subcode: number): void {
    if (this.connection !== undefined) this.sayLast(this.connection, 6, subcode);
    this.task?.kill("KILL");
    this.task = null;
    this.disconnect();
    this.staleTimer?.cancel();
    this.routes.flush();
    this.state = "Down";
    this.since = this.around.process.host.queue.now;
    this.stopping.fire();
    this.around.log(`${this.config.name}: State changed to down`);
  }

  /** The process is gone: the connection ends without a last word. */
  abandon(): void {
    this.task?.kill("KILL");
    this.task = null;
    this.disconnect();
    this.staleTimer?.cancel();
  }

  /** A connection from the neighbour; false when it is not wanted. */
  offer(socket: StreamSocket): boolean {
    if (this.state === "Down" || this.state === "Idle") return false;
    if (this.established && !this.config.gracefulRestart) return false;
    const busy = this.state === "OpenSent" || this.state === "OpenConfirm";
    // Two connections at once: the one that the side with the greater identifier opened stays.
    if (busy && this.outgoing && this.around.routerId > this.config.neighbor) return false;
    this.offered = socket;
    if (busy || this.established) this.interrupt();
    this.arrived.fire();
    return true;
  }

  /** Tells the neighbour what changed. */
  routesChanged(net: string): void {
    if (this.established) this.routes.changed(net);
  }

  advertise(): void {
    this.routes.changedAll();
  }

  /** Sends what is due. */
  flushUpdates(): void {
    const { connection, agreement } = this;
    if (!this.established || connection === undefined || agreement === undefined) return;
    for (const update of this.routes.pending(connection.socket.local().address as Ipv4, agreement))
      this.push(connection, update);
  }

  private push(connection: BgpConnection, update: BgpUpdate): void {
    this.lastSent = this.around.process.host.queue.now;
    background(this.around.process.host.queue, connection.send(update));
  }

  private sayLast(connection: BgpConnection, code: number, subcode: number): void {
    const task = connection.send({ type: "notification", code, subcode, data: new Uint8Array() });
    background(this.around.process.host.queue, task);
  }

  private interrupt(): void {
    this.task?.kill("KILL");
    this.disconnect();
    this.task = background(this.around.process.host.queue, this.run());
  }

  private disconnect(): void {
    this.keepalive?.cancel();
    this.keepalive = null;
    this.connection?.socket.close();
    this.connection = undefined;
  }

  private *run(): Task<void> {
    let first = true;
    for (;;) {
      const socket = yield* this.connect(first);
      first = false;
      if (socket === undefined) continue;
      const connection = new BgpConnection(socket);
      this.connection = connection;
      const ended = yield* this.session(connection);
      this.ended(ended);
      if (ended.kind === "socket") continue;
      this.state = "Idle";
      this.errorWait = Math.min(
        Math.max(this.errorWait * 2, this.config.errorWaitMin),
        this.config.errorWaitMax,
      );
      yield* sleep(seconds(this.errorWait));
    }
  }

  /** A connection: the neighbour's, or one of ours. */
  private *connect(first: boolean): Task<StreamSocket | undefined> {
    const taken = this.takeOffered();
    if (taken !== undefined) return taken;
    if (this.config.passive) {
      this.state = "Passive";
      yield* this.arrived.wait();
      return this.takeOffered();
    }
    this.state = "Active";
    const delay = first ? this.config.connectDelay : this.config.connectRetry;
    yield* this.arrived.waitAtMost(seconds(delay));
    const offered = this.takeOffered();
    if (offered !== undefined) return offered;
    this.state = "Connect";
    const socket = this.around.process.net.socket.tcp("bird");
    let stands = false;
    try {
      socket.setOptions({ tos: TOS });
      if (this.config.source !== undefined) socket.bind({ address: this.config.source, port: 0 });
      const remote = { address: this.config.neighbor, port: this.config.neighborPort };
      const connected = yield* connectStream(socket, remote, seconds(this.config.connectRetry));
      stands = connected === "connected";
      if (typeof connected === "object") this.lastError = `Socket: ${strerror(connected.errno)}`;
    } finally {
      if (!stands) socket.close();
    }
    return stands ? this.choose(socket) : this.takeOffered();
  }

  /** Ours stands; the neighbour's may have come meanwhile: that of the side with the greater address stays. */
  private choose(own: StreamSocket): StreamSocket {
    const theirs = this.takeOffered();
    const ours = theirs === undefined || this.around.routerId > this.config.neighbor;
    (ours ? theirs : own)?.close();
    this.outgoing = ours;
    return ours ? own : theirs;
  }

  private takeOffered(): StreamSocket | undefined {
    const socket = this.offered;
    this.offered = undefined;
    if (socket !== undefined) this.outgoing = false;
    return socket;
  }

  /** From OPEN to the end of the connection. */
  private *session(connection: BgpConnection): Task<Ended> {
    const { around, config } = this;
    this.state = "OpenSent";
    yield* connection.send(openMessage(config, around.routerId, around.recovering()));
    const first = yield* connection.receive(OPEN_HOLD);
    if (first === "timeout") return this.refuse(connection, 4, 0);
    if (!first.ok) return first.error;
    if (first.value.type === "notification")
      return { kind: "received", text: errorText(first.value.code, first.value.subcode) };
    if (first.value.type !== "open") return this.refuse(connection, 5, 0);
    const agreement = agree(config, first.value);
    if (agreement.as !== config.neighborAs) return this.refuse(connection, 2, 2);
    if (agreement.id === around.routerId && config.localAs === config.neighborAs)
      return this.refuse(connection, 2, 3);
    if (agreement.holdTime > 0 && agreement.holdTime < 3) return this.refuse(connection, 2, 6);
    this.agreement = agreement;
    this.capabilities = capabilitiesText(first.value);
    connection.addPath = agreement.addPathReceive;
    this.state = "OpenConfirm";
    yield* connection.send({ type: "keepalive" });
    const second = yield* connection.receive(OPEN_HOLD);
    if (second === "timeout") return this.refuse(connection, 4, 0);
    if (!second.ok) return second.error;
    if (second.value.type === "notification")
      return { kind: "received", text: errorText(second.value.code, second.value.subcode) };
    if (second.value.type !== "keepalive") return this.refuse(connection, 5, 0);
    this.up(connection, agreement);
    return yield* this.exchange(connection, agreement);
  }

  private refuse(connection: BgpConnection, code: number, subcode: number): Ended {
    this.sayLast(connection, code, subcode);
    return { kind: "error", text: errorText(code, subcode) };
  }

  private up(connection: BgpConnection, agreement: Agreement): void {
    const { queue } = this.around.process.host;
    this.state = "Established";
    this.since = queue.now;
    this.lastHeard = queue.now;
    this.errorWait = 0;
    this.lastError = "";
    for (const text of ["Connected to table master", "State changed to feed", "State changed to up"])
      this.around.log(`${this.config.name}: ${text}`);
    if (!agreement.preserved && this.staleTimer !== null) this.routes.flush();
    this.routes.begin();
    for (const update of this.routes.pending(connection.socket.local().address as Ipv4, agreement))
      this.push(connection, update);
    if (agreement.restartTime !== undefined)
      this.push(connection, { type: "update", withdrawn: [], attributes: [], nlri: [] });
    else this.around.recovered(this.config.name);
    this.beat(connection, agreement.holdTime);
  }

  /** A KEEPALIVE every third of the hold time. */
  private beat(connection: BgpConnection, holdTime: number): void {
    if (holdTime === 0) return;
    const { queue } = this.around.process.host;
    this.keepalive = queue.after(seconds(holdTime / 3), () => {
      this.lastSent = queue.now;
      background(queue, connection.send({ type: "keepalive" }));
      this.beat(connection, holdTime);
    });
  }

  private *exchange(connection: BgpConnection, agreement: Agreement): Task<Ended> {
    const { queue } = this.around.process.host;
    const hold = agreement.holdTime === 0 ? undefined : seconds(agreement.holdTime);
    for (;;) {
      const got = yield* connection.receive(hold);
      if (got === "timeout") return this.refuse(connection, 4, 0);
      if (!got.ok) return got.error;
      this.lastHeard = queue.now;
      const message = got.value;
      switch (message.type) {
        case "notification":
          return { kind: "received", text: errorText(message.code, message.subcode) };
        case "open":
          return this.refuse(connection, 5, 0);
        case "route-refresh":
          this.routes.begin();
          this.flushUpdates();
          break;
        case "update":
          if (!this.take(message, agreement)) return this.refuse(connection, 3, 1);
          break;
        case "keepalive":
      }
    }
  }

  private take(update: BgpUpdate, agreement: Agreement): boolean {
    const isEnd = update.nlri.length === 0 && update.withdrawn.length === 0;
    if (!isEnd) return this.routes.receive(update, agreement, this.around.process.host.queue.now);
    this.staleTimer?.cancel();
    this.staleTimer = null;
    this.routes.flushStale();
    this.around.recovered(this.config.name);
    return true;
  }

  /** After the end of a connection: the routes go, unless the neighbour is restarting and has said that it may. */
  private ended(ended: Ended): void {
    const { queue } = this.around.process.host;
    const was = this.established;
    this.disconnect();
    const words = { socket: "Socket", received: "Received", error: "Error", local: "" };
    this.lastError = ended.text === "" ? "" : `${words[ended.kind]}: ${ended.text}`;
    const restart = this.agreement?.restartTime;
    if (was) {
      this.since = queue.now;
      if (ended.kind === "received") this.around.log(`${this.config.name}: Received: ${ended.text}`);
      this.around.log(`${this.config.name}: State changed to ${ended.kind === "socket" ? "start" : "stop"}`);
    }
    if (was && ended.kind === "socket" && restart !== undefined && this.config.gracefulRestart) {
      this.routes.markStale();
      this.staleTimer?.cancel();
      this.staleTimer = queue.after(seconds(restart), () => {
        this.staleTimer = null;
        this.routes.flushStale();
      });
    } else this.routes.flush();
  }
}
