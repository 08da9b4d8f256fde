import { goErrno } from "../../container/errno.ts";
import type { Host } from "../../userland/os/host.ts";
import { Process } from "../../userland/os/process.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { type Nanos, seconds } from "../../sim/time.ts";
import { type Ipv4, parseIpv4 } from "../../wire/address.ts";
import { encodeHttp, type HttpRequest } from "../../wire/http.ts";
import { HttpReader } from "../../userland/http/connection.ts";
import { type ByteStream, connectStream, sendAll } from "../../userland/stream/stream.ts";
import type { Container, Probe } from "../api/index.ts";
import { EXTRAS } from "../extras.ts";

/** Network probes of the kubelet: connections from the node to the pod. Models: k8s pkg/probe/http, tcp, grpc. */

/** Undefined is success; else what the event says. */
export type ProbeResult = string | undefined;

export const USER_AGENT = "kube-probe/1.36";

/** What a probe is sent to: a number, or the name of a port of the container. */
export function portOf(container: Container, port: number | string): number | undefined {
  if (typeof port === "number") return port;
  if (/^\d+$/.test(port)) return Number(port);
  return container.ports?.find(({ name }) => name === port)?.containerPort;
}

export interface Target {
  readonly address: Ipv4;
  readonly host: string;
  readonly port: number;
  readonly timeout: Nanos;
}

/** net.Dial; the error as Go says it. */
export function* dial(socket: StreamSocket, { address, host, port, timeout }: Target): Task<ProbeResult> {
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

/** What a GET asks for. */
export interface HttpAsked {
  readonly scheme: "http" | "https";
  readonly path: string;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}

/** A connection with its TLS, where it has any; or what the event says. */
export type Secured = { readonly stream: ByteStream } | { readonly failure: string };

/** GET; any status from 200 to 399 is a success. */
export function* probeHttp(kubelet: Process, target: Target, asked: HttpAsked): Task<ProbeResult> {
  const { scheme, path, fields } = asked;
  const url = `${scheme}://${target.host}:${target.port}${path}`;
  const late = `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
  const socket = kubelet.net.socket.tcp("kubelet");
  const { queue } = kubelet.host;
  const deadline = (queue.now + target.timeout) as Nanos;
  try {
    const refused = yield* dial(socket, target);
    if (refused !== undefined) return refused.endsWith("i/o timeout") ? late : `Get "${url}": ${refused}`;
    let stream: ByteStream = socket;
    if (scheme === "https") {
      const secured = yield* EXTRAS.get().probes.secure(kubelet, socket, deadline);
      if ("failure" in secured)
        return secured.failure === "timeout" ? late : `Get "${url}": ${secured.failure}`;
      ({ stream } = secured);
    }
    yield* sendAll(stream, encodeHttp(probeRequest(target, path, fields)));
    const reader = new HttpReader(stream, () => queue.now);
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

function probeRequest(target: Target, path: string, fields: HttpAsked["fields"]): HttpRequest {
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
  return { kind: "request", method: "GET", target: path, version: "HTTP/1.1", fields: [...kept, ...given] };
}

/** Runs `work` as the kubelet's own process on the node. */
export function* asKubelet<T>(host: Host, work: (kubelet: Process) => Task<T>): Task<T> {
  const kubelet = Process.detached(host, {
    argv: ["kubelet"],
    env: new Map(),
    cwd: "/",
    netns: host.netns,
    files: new Map(),
  });
  try {
    return yield* work(kubelet);
  } finally {
    kubelet.end();
  }
}

/** Runs the httpGet, tcpSocket or grpc probe of a container whose pod has `podIp`. */
export function* runNetworkProbe(
  kubelet: Process,
  container: Container,
  podIp: string,
  spec: Probe,
): Task<ProbeResult> {
  const { httpGet, tcpSocket, grpc } = spec;
  const action = httpGet ?? tcpSocket ?? grpc;
  if (action === undefined) return undefined;
  const own = grpc === undefined ? (httpGet ?? tcpSocket)?.host : undefined;
  const host = own === undefined || own === "" ? podIp : own;
  const port = portOf(container, action.port);
  if (port === undefined) return `couldn't find port: ${action.port}`;
  const address = parseIpv4(host);
  if (address === undefined) return `dial tcp: lookup ${host}: no such host`;
  const target = { address, host, port, timeout: seconds(spec.timeoutSeconds ?? 1) };
  if (grpc !== undefined) return yield* EXTRAS.get().probes.grpc(kubelet, target, grpc.service ?? "");
  if (httpGet === undefined) return yield* probeTcp(kubelet, target);
  const path = httpGet.path ?? "/";
  return yield* probeHttp(kubelet, target, {
    scheme: httpGet.scheme?.toUpperCase() === "HTTPS" ? "https" : "http",
    path: path.startsWith("/") ? path : `/${path}`,
    fields: httpGet.httpHeaders ?? [],
  });
}
