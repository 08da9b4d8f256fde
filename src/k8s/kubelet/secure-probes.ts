import type { StreamSocket } from "../../kernel/uapi/index.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { millis, type Nanos } from "../../sim/time.ts";
import { checkHealth, GRPC_UNIMPLEMENTED } from "../../userland/grpc/health.ts";
import type { Process } from "../../userland/os/process.ts";
import { tlsConnect } from "../../userland/tls/handshake.ts";
import { dial, type ProbeResult, type Secured, type Target, USER_AGENT } from "./network-probe.ts";

/** What only some pods are probed by. The kubelet trusts every certificate. */
export interface SecureProbes {
  /** The client's part of TLS on a connection; the failure is "timeout" or what Go says. */
  readonly secure: (kubelet: Process, socket: StreamSocket, deadline: Nanos) => Task<Secured>;
  readonly grpc: (kubelet: Process, target: Target, service: string) => Task<ProbeResult>;
}

function* secure(kubelet: Process, socket: StreamSocket, deadline: Nanos): Task<Secured> {
  const { queue, random } = kubelet.host;
  const hello = { serverName: undefined, protocols: ["h2", "http/1.1"] };
  const timeout = Math.max(0, deadline - queue.now) as Nanos;
  const connected = yield* tlsConnect(socket, random, hello, {
    *seen() {},
    trusts: () => true,
    timeout,
  });
  if (connected.kind === "tls") return { stream: connected.stream };
  if (connected.kind === "plain") return { failure: "http: server gave HTTP response to HTTPS client" };
  return { failure: queue.now >= deadline ? "timeout" : "EOF" };
}

/** Between two attempts to connect. Models: grpc backoff.DefaultConfig BaseDelay. */
const RETRY = millis(1000);

/** gRPC's status codes by their numbers, as errors print them. */
const CODES: Readonly<Record<number, string>> = { 5: "NotFound", 12: "Unimplemented", 14: "Unavailable" };

/** Models: k8s pkg/probe/grpc. */
function* grpc(kubelet: Process, target: Target, service: string): Task<ProbeResult> {
  const { queue } = kubelet.host;
  const deadline = queue.now + target.timeout;
  const within = `${target.timeout / 1e9}s`;
  const authority = `${target.host}:${target.port}`;
  const late = `timeout: failed to connect service "${authority}" within ${within}: context deadline exceeded`;
  for (;;) {
    const left = (): Nanos => (deadline - queue.now) as Nanos;
    if (left() <= 0) return late;
    const socket = kubelet.net.socket.tcp("kubelet");
    try {
      const refused = yield* dial(socket, { ...target, timeout: left() });
      if (refused === undefined) {
        const options = { authority, service, userAgent: USER_AGENT, left };
        const checked = yield* checkHealth(socket, options);
        if (checked.kind === "status")
          return checked.serving === "SERVING"
            ? undefined
            : `service unhealthy (responded with "${checked.serving}")`;
        if (checked.kind === "timeout") return `timeout: health rpc did not complete within ${within}`;
        if (checked.kind === "error") {
          const error = `rpc error: code = ${CODES[checked.code] ?? checked.code} desc = ${checked.text}`;
          return checked.code === GRPC_UNIMPLEMENTED
            ? `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${checked.text}`
            : `error: health rpc probe failed: ${error}`;
        }
      }
    } finally {
      socket.close();
    }
    // Connecting is tried again until the time is over.
    yield* sleep(Math.min(RETRY, Math.max(0, left())) as Nanos);
  }
}

export const SECURE_PROBES: SecureProbes = { secure, grpc };
