import { concat } from "../../../base/bytes.ts";
import type { Errno, StreamSocket } from "../../../kernel/uapi/index.ts";
import type { EventQueue } from "../../../sim/queue.ts";
import { Coroutine, type Task } from "../../../sim/task.ts";
import { addTime, type Nanos } from "../../../sim/time.ts";
import { HttpReader } from "../../../userland/http/connection.ts";
import { waitAny } from "../../../userland/select/select.ts";
import type { Process } from "../../../userland/os/process.ts";
import { connectStream, sendAll } from "../../../userland/stream/stream.ts";
import { formatIpv4, type Ipv4 } from "../../../wire/address.ts";
import { encodeHttp, type HttpRequest, type HttpResponse } from "../../../wire/http.ts";

/** One server behind the proxy. */
export interface Peer {
  readonly address: Ipv4;
  readonly port: number;
}

export const peerText = ({ address, port }: Peer): string => `${formatIpv4(address)}:${port}`;

interface Waiting {
  readonly socket: StreamSocket;
  readonly served: number;
}

interface Idle extends Waiting {
  readonly peer: string;
  /** Ends it after its time, and when the server ends it. */
  readonly watch: Coroutine<void>;
}

export interface KeepaliveLimits {
  readonly connections: number;
  readonly timeout: Nanos;
  readonly requests: number;
}

/** Connections to upstream servers that wait for the next request. Models: ngx_http_upstream_keepalive_module.c. */
export class KeepalivePool {
  /** The one used last stands last. */
  private readonly idle = new Set<Idle>();
  private readonly queue: EventQueue;
  private readonly limits: KeepaliveLimits;

  constructor(queue: EventQueue, limits: KeepaliveLimits) {
    this.queue = queue;
    this.limits = limits;
  }

  /** The connection used last. */
  take(peer: Peer): Waiting | undefined {
    const found = [...this.idle].findLast((each) => each.peer === peerText(peer));
    if (found === undefined) return undefined;
    this.idle.delete(found);
    found.watch.kill("KILL");
    return found;
  }

  put(peer: Peer, { socket, served }: Waiting): void {
    const { connections, requests } = this.limits;
    if (connections === 0 || served >= requests || socket.state !== "ESTABLISHED") {
      socket.close();
      return;
    }
    const idle: Idle = {
      socket,
      served,
      peer: peerText(peer),
      watch: new Coroutine(
        this.queue,
        this.watch(socket, () => this.drop(idle)),
      ),
    };
    this.idle.add(idle);
    idle.watch.start();
    const [oldest] = this.idle;
    if (this.idle.size > connections && oldest !== undefined) this.drop(oldest);
  }

  /** Waits for the server's word (which can only be an end) or for too long. */
  private *watch(socket: StreamSocket, drop: () => void): Task<void> {
    if (!socket.hasInput) yield* waitAny([socket.readable], this.limits.timeout);
    drop();
  }

  private drop(idle: Idle): void {
    if (!this.idle.delete(idle)) return;
    idle.watch.kill("KILL");
    idle.socket.close();
  }

  close(): void {
    for (const idle of [...this.idle]) this.drop(idle);
  }
}

/** Why a server gave no answer. */
export type Failure =
  | { readonly kind: "connect"; readonly errno: Errno }
  | { readonly kind: "connect-timeout" }
  | { readonly kind: "read"; readonly errno: Errno }
  | { readonly kind: "read-timeout" }
  | { readonly kind: "closed" }
  | { readonly kind: "invalid" };

export interface Answering {
  readonly head: HttpResponse;
  readonly reader: HttpReader;
  readonly socket: StreamSocket;
  readonly served: number;
}

export type Attempt =
  | ({ readonly kind: "answers" } & Answering)
  /** `cached`: it failed on a connection that had waited, which says nothing about the server. */
  | { readonly kind: "failed"; readonly failure: Failure; readonly cached: boolean; readonly sent: boolean };

export interface Timeouts {
  readonly connect: Nanos;
  readonly read: Nanos;
}

/** Sends a request to one server and waits for the head of its answer. */
export function* attempt(
  process: Process,
  pool: KeepalivePool,
  peer: Peer,
  request: { readonly head: HttpRequest; readonly body: Uint8Array },
  timeouts: Timeouts,
): Task<Attempt> {
  const { queue } = process.host;
  const waiting = pool.take(peer);
  const cached = waiting !== undefined;
  const socket = waiting?.socket ?? process.net.socket.tcp("nginx");
  const failed = (failure: Failure, sent: boolean): Attempt => {
    socket.close();
    return { kind: "failed", failure, cached, sent };
  };
  if (!cached) {
    socket.setOptions({ noDelay: true });
    const connected = yield* connectStream(socket, peer, timeouts.connect);
    if (connected === "timeout") return failed({ kind: "connect-timeout" }, false);
    if (connected !== "connected") return failed({ kind: "connect", errno: connected.errno }, false);
  }
  const errno = yield* sendAll(socket, concat([encodeHttp(request.head), request.body]));
  if (errno !== undefined) return failed({ kind: "read", errno }, true);
  const reader = new HttpReader(socket, () => queue.now);
  for (;;) {
    reader.deadline = addTime(queue.now, timeouts.read);
    const read = yield* reader.head();
    if (!read.ok) return failed(failureOf(read.error), true);
    const { head } = read.value;
    if (head.kind !== "response") return failed({ kind: "invalid" }, true);
    // Interim answers are not handed on.
    if (head.status >= 100 && head.status < 200 && head.status !== 101) continue;
    return { kind: "answers", head, reader, socket, served: (waiting?.served ?? 0) + 1 };
  }
}

function failureOf(error: { readonly kind: string; readonly errno?: Errno }): Failure {
  if (error.kind === "timeout") return { kind: "read-timeout" };
  if (error.errno !== undefined) return { kind: "read", errno: error.errno };
  return error.kind === "closed" ? { kind: "closed" } : { kind: "invalid" };
}
