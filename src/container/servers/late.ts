import { Late } from "../../base/late.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import type { HealthOf } from "../../userland/grpc/health.ts";
import type { Process } from "../../userland/os/process.ts";
import type { TlsStream } from "../../userland/tls/stream.ts";

/** What a stand-in speaks only with those who begin with it. `began` was read off the socket before. */
export interface LateServers {
  /** The server's part of a TLS handshake; undefined when it came to nothing. */
  readonly tls: (process: Process, socket: StreamSocket, began: Uint8Array) => Task<TlsStream | undefined>;
  /** gRPC's health service. `answered` hears of each call. */
  readonly grpc: (
    socket: StreamSocket,
    began: Uint8Array,
    healthOf: HealthOf,
    answered: (path: string) => Task<void>,
  ) => Task<void>;
}

export const LATE_SERVERS = new Late<LateServers>("TLS and gRPC of stand-ins");
