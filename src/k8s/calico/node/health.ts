import { NANOS_PER_SECOND, type Nanos } from "../../../sim/time.ts";
import { readText } from "../../../container/files.ts";
import type { Task } from "../../../sim/task.ts";
import { seconds } from "../../../sim/time.ts";
import type { Process } from "../../../userland/os/process.ts";
import { IPV4_LOOPBACK } from "../../../wire/address.ts";
import { utf8Decode, utf8Encode } from "../../../base/utf8.ts";
import { connectStream, receiveSome, sendAll } from "../../../userland/stream/stream.ts";
import { askControl } from "../bird/control.ts";
import { NODENAME_FILE } from "../cni/config.ts";
import { isServiceUp } from "./runit.ts";

export const BIRD_SOCKET = "/var/run/calico/bird.ctl";
/** Peers that `show protocols` lists: confd names them so. */
const PEER =
  /^(?:Mesh|Global|Node|Local_Workload)_([\d_]+?)(?:_port_\d+)?\s+BGP\s+\S+\s+(\S+)\s+(\S+)\s*(\S*)\s*(.*)$/;

export interface PeerRow {
  readonly kind: string;
  readonly ip: string;
  /** up, start, down */
  readonly state: string;
  readonly since: string;
  readonly bgpState: string;
  readonly info: string;
}

/** The neighbours in the answer to `show protocols`. Models: node/pkg/health/bird, calicoctl node status. */
export function peersIn(text: string): readonly PeerRow[] {
  return text.split("\n").flatMap((line) => {
    const match = PEER.exec(line);
    if (match === null) return [];
    const [, symbol = "", state = "", since = "", bgpState = "", info = ""] = match;
    const kind = line.slice(0, line.indexOf("_"));
    return [{ kind, ip: symbol.replaceAll("_", "."), state, since, bgpState, info }];
  });
}

/** GET of a health port of this node; the status, or the error's words. */
function* get(process: Process, port: number, path: string): Task<number | string> {
  const socket = process.net.socket.tcp("calico-node");
  try {
    const connected = yield* connectStream(socket, { address: IPV4_LOOPBACK, port }, seconds(5));
    const url = `Get "http://localhost:${port}${path}": dial tcp 127.0.0.1:${port}: connect:`;
    if (connected === "timeout") return `${url} i/o timeout`;
    if (connected !== "connected") return `${url} connection refused`;
    const request = `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nUser-Agent: Go-http-client/1.1\r\nAccept-Encoding: gzip\r\n\r\n`;
    yield* sendAll(socket, utf8Encode(request));
    const got = yield* receiveSome(socket, seconds(5));
    if (got === "timeout" || !got.ok || got.value === null)
      return `Get "http://localhost:${port}${path}": EOF`;
    return Number(/^HTTP\/1\.\d (\d+)/.exec(utf8Decode(got.value))?.[1] ?? 0);
  } finally {
    socket.close();
  }
}

function* felix(process: Process, probe: "readiness" | "liveness"): Task<string | undefined> {
  const port = Number(process.env.get("FELIX_HEALTHPORT") ?? 9099);
  const status = yield* get(process, port, `/${probe}`);
  const what = probe === "readiness" ? "felix is not ready" : "Felix is not live";
  if (typeof status === "string") return `calico/node is not ready: ${what}: ${status}`;
  if (status >= 200 && status < 400) return undefined;
  return `calico/node is not ready: ${what}: ${probe} probe reporting ${status}`;
}

/** Neighbours: all at first, one later. Models: checkBIRDReady. */
function birdReady(process: Process, started: Nanos): string | undefined {
  const not = (why: string): string => `calico/node is not ready: BIRD is not ready: ${why}`;
  if (!readText(process.host.fs, NODENAME_FILE).ok)
    return not(`failed to stat() nodename file: stat ${NODENAME_FILE}: no such file or directory`);
  const got = askControl(process.host, BIRD_SOCKET, "show protocols");
  if (typeof got === "string")
    return not(
      `Error querying BIRD: unable to connect to BIRDv4 socket: dial unix ${BIRD_SOCKET}: connect: ${got.toLowerCase()}`,
    );
  const peers = peersIn(got.text);
  const waiting = peers.filter(({ bgpState }) => bgpState !== "Established").map(({ ip }) => ip);
  const young = (process.host.queue.now - started) / NANOS_PER_SECOND < 30;
  if (peers.length === 0) return undefined;
  if (!young)
    return waiting.length === peers.length ? not(`BGP not established with ${waiting.join(",")}`) : undefined;
  if (waiting.length > 0) return not(`BGP not established with ${waiting.join(",")}`);
  const status = askControl(process.host, BIRD_SOCKET, "show status");
  const restarting =
    typeof status !== "string" && status.text.includes("Graceful restart recovery in progress");
  return restarting ? not("graceful restart in progress") : undefined;
}

function birdLive(process: Process): string | undefined {
  for (const service of ["confd", "bird"])
    if (!isServiceUp(process.host, service))
      return `calico/node is not ready: bird/confd is not live: exit status 1`;
  const got = askControl(process.host, BIRD_SOCKET, "show status");
  return typeof got === "string" ? "calico/node is not ready: bird is not live: exit status 1" : undefined;
}

/** `calico-node -bird-ready -felix-ready` and the like. `started`: when the node's name was written. */
export function* checkHealth(process: Process, flags: readonly string[], started: Nanos): Task<number> {
  for (const flag of flags) {
    let failed: string | undefined;
    if (flag === "-felix-ready") failed = yield* felix(process, "readiness");
    else if (flag === "-felix-live") failed = yield* felix(process, "liveness");
    else if (flag === "-bird-ready") failed = birdReady(process, started);
    else if (flag === "-bird-live") failed = birdLive(process);
    if (failed === undefined) continue;
    yield* process.print(`${failed}\n`);
    return 1;
  }
  return 0;
}
