import type { KernelResult, StreamEndpoint, StreamSocket } from "../../kernel/uapi/index.ts";
import { type IpAddress, isIpv4 } from "../../wire/ip-address.ts";
import { strerror } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import { WAKE_LATENCY } from "../stream/stream.ts";
import type { NcOptions } from "./options.ts";
import type { Channel, Received, Sent } from "./relay.ts";

/** TCP for nc. */
export class TcpChannel implements Channel {
  readonly socket: StreamSocket;
  readonly latency = WAKE_LATENCY;

  constructor(socket: StreamSocket) {
    this.socket = socket;
  }

  get readable(): StreamSocket["readable"] {
    return this.socket.readable;
  }

  get writable(): StreamSocket["writable"] {
    return this.socket.writable;
  }

  receive(): Received {
    const got = this.socket.receive(BUFFER);
    if (!got.ok) return { kind: "failed" };
    if (got.value === undefined) return { kind: "nothing" };
    return got.value === null ? { kind: "end" } : { kind: "data", bytes: got.value };
  }

  send(bytes: Uint8Array): Sent {
    const taken = this.socket.send(bytes);
    return taken.ok ? { taken: taken.value } : { wrong: strerror(taken.error.errno) };
  }

  shutdown(): void {
    this.socket.shutdown("write");
  }

  close(): void {
    this.socket.close();
  }
}

const BUFFER = 16384;

/** nc listens with a queue of one connection beside the one that it serves. */
const BACKLOG = 1;

/** `like` is an address of the family that is meant. */
export function openTcp(process: Process, options: NcOptions, like: IpAddress): StreamSocket {
  const socket = process.net.socket.tcp(process.argv.join(" "), isIpv4(like) ? "inet" : "inet6");
  socket.setOptions({
    ...(options.tos !== undefined && { tos: options.tos }),
    ...(options.ttl !== undefined && { ttl: options.ttl }),
  });
  return socket;
}

/** local_listen(): SO_REUSEADDR and SO_REUSEPORT, as the real one sets them. */
export function listenTcp(socket: StreamSocket, local: StreamEndpoint): KernelResult<void> {
  socket.setOptions({ reuseAddress: true, reusePort: true });
  const bound = socket.bind(local);
  return bound.ok ? socket.listen(BACKLOG) : bound;
}
