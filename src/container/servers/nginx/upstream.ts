import { concat } from "../../../base/bytes.ts";
import type { Errno, StreamSocket } from "../../../kernel/uapi/index.ts";
import type { Task } from "../../../sim/task.ts";
import { addTime, type Nanos } from "../../../sim/time.ts";
import { HttpReader } from "../../../userland/http/connection.ts";
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

interface Idle {
  readonly socket: StreamSocket;
  readonly since: Nanos;
  readonly served: number;
}

/** Connections to upstream servers that wait for the next request. Models: ngx_http_upstream_keepalive_module.c. */
export class KeepalivePool {
  private readonly idle = new Map<string, Idle[]>();
  private readonly limits: {
    readonly connections: number;
    readonly timeout: Nanos;
    readonly requests: number;
  };

  constructor(limits: { connections: number; timeout: Nanos; requests: number }) {
    this.limits = limits;
  }

  /** The connection used last; those that the server has ended meanwhile are dropped. */
  take(peer: Peer, now: Nanos): Idle | undefined {
    const waiting = this.idle.get(peerText(peer)) ?? [];
    for (;;) {
      const last = waiting.pop();
      if (last === undefined) return undefined;
      const fresh = now - last.since <= this.limits.timeout;
      if (fresh && last.socket.state === "ESTABLISHED" && !last.socket.hasInput) return last;
      last.socket.close();
    }
  }

  put(peer: Peer, idle: Idle): void {
    const { connections, requests } = this.limits;
    if (connections === 0 || idle.served >= requests || idle.socket.state !== "ESTABLISHED") {
      idle.socket.close();
      return;
    }
    const key = peerText(peer);
    const waiting = this.idle.get(key);
    if (waiting === undefined) this.idle.set(key, [idle]);
    else waiting.push(idle);
    const all = [...this.idle.values()].reduce((sum, list) => sum + list.length, 0);
    if (all > connections) this.oldest()?.socket.close();
  }

  private oldest(): Idle | undefined {
    const first = [...this.idle.values()]
      .filter((list) => list.length > 0)
      .toSorted((a, b) => a[0]!.since - b[0]!.since);
    return first[0]?.shift();
  }

  /** Lets go of what has waited too long, and of what the servers have ended. */
  sweep(now: Nanos): void {
    for (const [key, list] of this.idle) {
      const kept = list.filter(({ socket, since }) => {
        const keep = now - since <= this.limits.timeout && socket.state === "ESTABLISHED";
        if (!keep) socket.close();
        return keep;
      });
      if (kept.length === 0) this.idle.delete(key);
      else this.idle.set(key, kept);
    }
  }

  close(): void {
    for (const list of this.idle.values()) for (const { socket } of list) socket.close();
    this.idle.clear();
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
  const waiting = pool.take(peer, queue.now);
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
