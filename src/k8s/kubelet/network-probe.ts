import { goErrno } from "../../container/errno.ts";
import type { Process } from "../../userland/os/process.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { type Nanos, seconds } from "../../sim/time.ts";
import { type Ipv4, parseIpv4 } from "../../wire/address.ts";
import { encodeHttp } from "../../wire/http.ts";
import { HttpReader } from "../../userland/http/connection.ts";
import { connectStream, sendAll } from "../../userland/stream/stream.ts";
import type { Container, Probe } from "../api/index.ts";

/** Network probes of the kubelet: connections from the node to the pod. Models: k8s pkg/probe/http, pkg/probe/tcp. */

/** Undefined is success; else what the event says. */
export type ProbeResult = string | undefined;

const USER_AGENT = "kube-probe/1.36";

/** What a probe is sent to: a number, or the name of a port of the container. */
export function portOf(container: Container, port: number | string): number | undefined {
  if (typeof port === "number") return port;
  if (/^\d+$/.test(port)) return Number(port);
  return container.ports?.find(({ name }) => name === port)?.containerPort;
}

interface Target {
  readonly address: Ipv4;
  readonly host: string;
  readonly port: number;
  readonly timeout: Nanos;
}

/** net.Dial; the error as Go says it. */
function* dial(socket: StreamSocket, { address, host, port, timeout }: Target): Task<ProbeResult> {
  socket.setOptions({ lingerZero: false, noDelay: true });
  const connected = yield* connectStream(socket, { address, port }, timeout);
  if (connected === "connected") return undefined;
  const place = `dial tcp ${host}:${port}`;
  return connected === "timeout"
    ? `${place}: i/o timeout`
    : `${place}: connect: ${goErrno({ errno: connected.errno })}`;
}

export function* probeTcp(kubelet: Process, target: Target): Task<ProbeResult> {
  const socket = kubelet.net.socket.tcp("kubelet");
  try {
    return yield* dial(socket, target);
  } finally {
    socket.close();
  }
}

/** GET; any status from 200 to 399 is a success. */
export function* probeHttp(
  kubelet: Process,
  target: Target,
  path: string,
  fields: readonly { readonly name: string; readonly value: string }[],
): Task<ProbeResult> {
  const url = `http://${target.host}:${target.port}${path}`;
  const late = `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
  const socket = kubelet.net.socket.tcp("kubelet");
  const { queue } = kubelet.host;
  const deadline = (queue.now + target.timeout) as Nanos;
  try {
    const refused = yield* dial(socket, target);
    if (refused !== undefined) return refused.endsWith("i/o timeout") ? late : `Get "${url}": ${refused}`;
    const own = [
      {
        name: "Host",
        value: fields.find((f) => f.name.toLowerCase() === "host")?.value ?? `${target.host}:${target.port}`,
      },
      { name: "User-Agent", value: USER_AGENT },
      { name: "Accept", value: "*/*" },
      { name: "Connection", value: "close" },
    ];
    const given = fields.filter((f) => f.name.toLowerCase() !== "host");
    const kept = own.filter((o) => !given.some((g) => g.name.toLowerCase() === o.name.toLowerCase()));
    const request = {
      kind: "request",
      method: "GET",
      target: path,
      version: "HTTP/1.1",
      fields: [...kept, ...given],
    } as const;
    yield* sendAll(socket, encodeHttp(request));
    const reader = new HttpReader(socket, () => queue.now);
    reader.deadline = deadline;
    const read = yield* reader.head();
    if (!read.ok) {
      if (read.error.kind === "timeout") return late;
      if (read.error.kind === "errno")
        return `Get "${url}": read tcp: ${goErrno({ errno: read.error.errno })}`;
      return `Get "${url}": ${read.error.kind === "closed" ? "EOF" : "net/http: HTTP/1.x transport connection broken: malformed HTTP response"}`;
    }
    const { head } = read.value;
    const status = head.kind === "response" ? head.status : 0;
    return status >= 200 && status < 400 ? undefined : `HTTP probe failed with statuscode: ${status}`;
  } finally {
    socket.close();
  }
}

/**
 * Runs the httpGet or tcpSocket probe of a container whose pod has `podIp`. Undefined where the kind is not modelled
 * (grpc, HTTPS): such a probe counts as passed.
 */
export function* runNetworkProbe(
  kubelet: Process,
  container: Container,
  podIp: string,
  spec: Probe,
): Task<{ readonly failure: ProbeResult } | undefined> {
  const action = spec.httpGet ?? spec.tcpSocket;
  if (action === undefined || spec.httpGet?.scheme?.toUpperCase() === "HTTPS") return undefined;
  const host = action.host === undefined || action.host === "" ? podIp : action.host;
  const port = portOf(container, action.port);
  const address = parseIpv4(host);
  if (address === undefined || port === undefined) return undefined;
  const target = { address, host, port, timeout: seconds(spec.timeoutSeconds ?? 1) };
  if (spec.httpGet === undefined) return { failure: yield* probeTcp(kubelet, target) };
  const path = spec.httpGet.path ?? "/";
  return {
    failure: yield* probeHttp(
      kubelet,
      target,
      path.startsWith("/") ? path : `/${path}`,
      spec.httpGet.httpHeaders ?? [],
    ),
  };
}
