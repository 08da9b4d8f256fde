import { concat, getU16 } from "../../base/bytes.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import type { Nanos } from "../../sim/time.ts";
import { type Ipv4, IPV4_ANY } from "../../wire/address.ts";
import { decodeDns, DNS_PORT, type DnsMessage, encodeDns } from "../../wire/dns.ts";
import type { Process } from "../os/process.ts";
import { serveConnections } from "../stream/connections.ts";
import { connectStream, receiveSome, sendAll } from "../stream/stream.ts";
import type { DnsServerOptions } from "./server.ts";

/** DNS over TCP: each message behind its length (RFC 1035, section 4.2.2; RFC 7766). */

const BACKLOG = 4096;

export class DnsStream {
  private buffer: Uint8Array = new Uint8Array(0);
  private readonly socket: StreamSocket;

  constructor(socket: StreamSocket) {
    this.socket = socket;
  }

  *send(message: DnsMessage): Task<boolean> {
    const bytes = encodeDns(message, true);
    const out = concat([Uint8Array.of(bytes.length >>> 8, bytes.length & 255), bytes]);
    return (yield* sendAll(this.socket, out)) === undefined;
  }

  /** The next message with its length in octets; undefined at the end, after `timeout`, or when it cannot be read. */
  *next(timeout?: Nanos): Task<{ readonly message: DnsMessage; readonly sizeBytes: number } | undefined> {
    for (;;) {
      const length = this.buffer.length < 2 ? undefined : getU16(this.buffer, 0);
      if (length !== undefined && this.buffer.length >= 2 + length) {
        const decoded = decodeDns(this.buffer.subarray(2, 2 + length));
        this.buffer = this.buffer.subarray(2 + length);
        return decoded.ok ? { message: decoded.value, sizeBytes: length } : undefined;
      }
      const got = yield* receiveSome(this.socket, timeout);
      if (got === "timeout" || !got.ok || got.value === null) return undefined;
      this.buffer = concat([this.buffer, got.value]);
    }
  }
}

/** Answers over TCP until the listener is closed; undefined where the port is taken. */
export function dnsTcpServer(process: Process, options: DnsServerOptions): Task<void> | undefined {
  const listener = process.net.socket.tcp(process.argv[0] ?? "");
  listener.setOptions({ reuseAddress: true });
  const address = options.address ?? IPV4_ANY;
  if (!listener.bind({ address, port: options.port ?? DNS_PORT }).ok || !listener.listen(BACKLOG).ok) {
    listener.close();
    return undefined;
  }
  return (function* () {
    try {
      yield* serveConnections(process, listener, function* (socket) {
        const stream = new DnsStream(socket);
        for (;;) {
          const asked = yield* stream.next();
          if (asked === undefined || asked.message.response) return;
          const reply = yield* options.reply(process, asked.message);
          if (reply === undefined || !(yield* stream.send(reply))) return;
        }
      });
    } finally {
      listener.close();
    }
  })();
}

/** Connections to name servers that are kept for the next query. Models: coredns plugin/pkg/proxy persistent.go. */
export class DnsConnections {
  private readonly process: Process;
  private readonly idle = new Map<Ipv4, { socket: StreamSocket; stream: DnsStream; until: Nanos }>();
  private readonly keep: Nanos;

  constructor(process: Process, keep: Nanos) {
    this.process = process;
    this.keep = keep;
  }

  /** One query and its answer; undefined when none came in `timeout`. */
  *ask(server: Ipv4, query: DnsMessage, timeout: Nanos): Task<DnsMessage | undefined> {
    const { queue } = this.process.host;
    const kept = this.idle.get(server);
    this.idle.delete(server);
    if (kept !== undefined) {
      if (kept.until > queue.now && kept.socket.state === "ESTABLISHED") {
        const answer = yield* this.exchange(server, kept.socket, kept.stream, query, timeout);
        if (answer !== undefined) return answer;
      } else kept.socket.close();
    }
    const socket = this.process.net.socket.tcp(this.process.argv[0] ?? "");
    const connected = yield* connectStream(socket, { address: server, port: DNS_PORT }, timeout);
    if (connected !== "connected") {
      socket.close();
      return undefined;
    }
    return yield* this.exchange(server, socket, new DnsStream(socket), query, timeout);
  }

  close(): void {
    for (const { socket } of this.idle.values()) socket.close();
    this.idle.clear();
  }

  private *exchange(
    server: Ipv4,
    socket: StreamSocket,
    stream: DnsStream,
    query: DnsMessage,
    timeout: Nanos,
  ): Task<DnsMessage | undefined> {
    const answer = (yield* stream.send(query)) ? yield* stream.next(timeout) : undefined;
    if (answer?.message.id !== query.id) {
      socket.close();
      return undefined;
    }
    this.idle.get(server)?.socket.close();
    this.idle.set(server, { socket, stream, until: (this.process.host.queue.now + this.keep) as Nanos });
    return answer.message;
  }
}
