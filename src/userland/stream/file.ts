import { err, ok, type Result } from "../../base/result.ts";
import { servicePort } from "../../formats/services.ts";
import type { DatagramSocket, Errno, StreamSocket } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { BrokenPipe, type OpenFile } from "../os/io.ts";
import type { Process } from "../os/process.ts";
import { RESOLVE_TEXT, resolveHost } from "../resolver/resolver.ts";
import { connectStream, receiveSome, sendAll } from "./stream.ts";

/** A connection as a file descriptor, shared by whoever holds it. */
class StreamFile implements OpenFile {
  readonly isTerminal = false;
  private readonly socket: StreamSocket;
  private holders = 1;

  constructor(socket: StreamSocket) {
    this.socket = socket;
  }

  *read(max?: number): Task<Uint8Array | null> {
    if (!this.socket.hasInput) {
      const got = yield* receiveSome(this.socket, undefined, max);
      return got === "timeout" || !got.ok ? null : got.value;
    }
    const got = this.socket.receive(max);
    return got.ok ? (got.value ?? null) : null;
  }

  *write(bytes: Uint8Array): Task<void> {
    if ((yield* sendAll(this.socket, bytes)) !== undefined) throw new BrokenPipe();
  }

  retain(): this {
    this.holders++;
    return this;
  }

  close(): void {
    if (--this.holders === 0) this.socket.close();
  }
}

/** A connected UDP socket as a file descriptor: each write is a datagram. */
class DatagramFile implements OpenFile {
  readonly isTerminal = false;
  private readonly socket: DatagramSocket;
  private holders = 1;

  constructor(socket: DatagramSocket) {
    this.socket = socket;
  }

  *read(): Task<Uint8Array | null> {
    for (;;) {
      const got = this.socket.receive();
      if (!got.ok || this.socket.closed) return null;
      if (got.value !== undefined) return got.value.bytes;
      yield* this.socket.readable.wait();
    }
  }

  *write(bytes: Uint8Array): Task<void> {
    this.socket.send(bytes);
  }

  retain(): this {
    this.holders++;
    return this;
  }

  close(): void {
    if (--this.holders === 0) this.socket.close();
  }
}

/** Why bash could not open it: what it says first, and the error that it then gives to the redirection. */
export type NetworkFileError =
  { readonly kind: "name"; readonly text: string } | { readonly kind: "errno"; readonly errno: Errno };

const SHAPE = /^\/dev\/(tcp|udp)\/([^/]+)\/([^/]+)$/;

/** Is it a name that bash connects instead of opening? */
export function isNetworkFile(path: string): boolean {
  return SHAPE.test(path);
}

/** `/dev/tcp/HOST/PORT` and `/dev/udp/HOST/PORT`, bash(1), REDIRECTION. Models: lib/sh/netopen.c. */
export function* openNetworkFile(process: Process, path: string): Task<Result<OpenFile, NetworkFileError>> {
  const [, protocol, host = "", service = ""] = SHAPE.exec(path) ?? [];
  const port = /^\d+$/.test(service)
    ? Number(service)
    : servicePort(service, protocol === "udp" ? "udp" : "tcp");
  if (port === undefined)
    return err({ kind: "name", text: `${service}: Servname not supported for ai_socktype` });
  const found = yield* resolveHost(process, host);
  if (!found.ok) return err({ kind: "name", text: `${host}: ${RESOLVE_TEXT[found.error]}` });
  const remote = { address: found.value.addresses[0]!, port };
  if (protocol === "udp") {
    const socket = process.net.socket.udp(process.argv.join(" "));
    const connected = socket.connect(remote);
    if (connected.ok) return ok(new DatagramFile(socket));
    socket.close();
    return err({ kind: "errno", errno: connected.error.errno });
  }
  const socket = process.net.socket.tcp(process.argv.join(" "));
  let stands = false;
  try {
    const connected = yield* connectStream(socket, remote);
    if (connected === "timeout") return err({ kind: "errno", errno: "ETIMEDOUT" });
    if (connected !== "connected") return err({ kind: "errno", errno: connected.errno });
    stands = true;
    return ok(new StreamFile(socket));
  } finally {
    if (!stands) socket.close();
  }
}
