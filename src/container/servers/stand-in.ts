import { utf8Decode, utf8Encode } from "../../base/utf8.ts";
import { Signal, type Task } from "../../sim/task.ts";
import { Coroutine } from "../../sim/task.ts";
import { formatIpv4, IPV4_ANY } from "../../wire/address.ts";
import { formatAddress } from "../../wire/ip-address.ts";
import { HTTP_METHODS } from "../../wire/http.ts";
import { serveConnections } from "../../userland/stream/connections.ts";
import { type ByteStream, receiveSome, sendAll } from "../../userland/stream/stream.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import type { ContainerConfig, ListenPort } from "../runtime/types.ts";
import { repositoryOf } from "../runtime/images.ts";
import { goErrno } from "../errno.ts";
import { LATE_SERVERS } from "./late.ts";

/** Where well-known images listen although their containers often declare nothing. */
const WELL_KNOWN: ReadonlyMap<string, number> = new Map([
  ["agnhost", 8080],
  ["caddy", 80],
  ["echoserver", 8080],
  ["hello-app", 8080],
  ["http-echo", 5678],
  ["httpbin", 80],
  ["httpd", 80],
  ["mysql", 3306],
  ["nginx", 80],
  ["podinfo", 9898],
  ["postgres", 5432],
  ["redis", 6379],
  ["whoami", 80],
]);

const BACKLOG = 511;

/** What the process calls itself: an image mostly runs the program that it is named for, `docker.io/library/nginx` nginx. */
export function standInName(image: string): string {
  const repository = repositoryOf(image);
  return repository.slice(repository.lastIndexOf("/") + 1);
}

/** Answers every datagram with the name of the host that got it, so that one sees which pod it reached. */
function* udpEcho(process: Process, port: number): Task<number> {
  const socket = process.net.socket.udp(process.argv[0] ?? "");
  try {
    const bound = socket.bind({ address: IPV4_ANY, port });
    if (!bound.ok) {
      yield* process.printError(`flannelgraph: ${port}/UDP: bind: ${goErrno(bound.error)}\n`);
      return 1;
    }
    for (;;) {
      const datagram = socket.receive();
      if (!datagram.ok || datagram.value === undefined) {
        yield* socket.readable.wait();
        continue;
      }
      const { from } = datagram.value;
      socket.send(utf8Encode(`${process.host.name}\n`), from);
      yield* process.print(`flannelgraph: ${port}/UDP: answered ${formatIpv4(from.address)}:${from.port}\n`);
    }
  } finally {
    socket.close();
  }
}

/** An HTTP response with the host's name; the connection stays for the next request unless that asks otherwise. */
function httpAnswer(process: Process, request: string): string {
  const body = `${process.host.name}\n`;
  const close = /\r\nconnection: *close/i.test(request) || !request.includes(" HTTP/1.1\r\n");
  const head = `HTTP/1.1 200 OK\r\nServer: flannelgraph\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n`;
  return `${head}Connection: ${close ? "close" : "keep-alive"}\r\n\r\n${request.startsWith("HEAD ") ? "" : body}`;
}

/** A connection, or what lies on it, and what was read off it already. */
interface Heard {
  readonly stream: ByteStream;
  readonly began: Uint8Array;
}

/** One connection: HTTP where HTTP is spoken, else the host's name for every line. */
function* converse(process: Process, { stream, began }: Heard, answered: () => Task<void>): Task<void> {
  let heard = utf8Decode(began);
  for (;;) {
    const isHttp = HTTP_METHODS.some((method) => heard.startsWith(`${method} `));
    const end = isHttp ? heard.indexOf("\r\n\r\n") : heard.lastIndexOf("\n");
    if (end >= 0) {
      const said = isHttp ? httpAnswer(process, heard.slice(0, end + 2)) : `${process.host.name}\n`;
      heard = isHttp ? "" : heard.slice(end + 1);
      if ((yield* sendAll(stream, utf8Encode(said))) !== undefined) return;
      yield* answered();
      if (isHttp && said.includes("\r\nConnection: close")) return;
    }
    const got = yield* receiveSome(stream);
    if (got === "timeout" || !got.ok || got.value === null) return;
    heard += utf8Decode(got.value);
  }
}

const CLIENT_HELLO = 22;

/** TLS and gRPC are spoken with who begins with them; what is below TLS is like what comes without. */
function* talk(process: Process, socket: StreamSocket, answered: (how?: string) => Task<void>): Task<void> {
  const got = yield* receiveSome(socket);
  if (got === "timeout" || !got.ok || got.value === null) return;
  const began = got.value;
  if (began[0] === CLIENT_HELLO) {
    const secured = yield* LATE_SERVERS.get().tls(process, socket, began);
    if (secured === undefined) return;
    yield* converse(process, { stream: secured, began: new Uint8Array(0) }, () => answered(" by TLS"));
    secured.closeNotify();
  } else if (utf8Decode(began.subarray(0, 4)) === "PRI ")
    yield* LATE_SERVERS.get().grpc(
      socket,
      began,
      () => "SERVING",
      (path) => answered(` ${path}`),
    );
  else yield* converse(process, { stream: socket, began }, () => answered());
}

function* tcpServer(process: Process, port: number): Task<number> {
  const listener = process.net.socket.tcp(process.argv[0] ?? "");
  try {
    listener.setOptions({ reuseAddress: true });
    const bound = listener.bind({ address: IPV4_ANY, port });
    const listening = bound.ok ? listener.listen(BACKLOG) : bound;
    if (!listening.ok) {
      yield* process.printError(`flannelgraph: ${port}/TCP: bind: ${goErrno(listening.error)}\n`);
      return 1;
    }
    yield* serveConnections(process, listener, function* (socket) {
      const from = socket.remote();
      if (from === undefined) return;
      const client = `${formatAddress(from.address)}:${from.port}`;
      yield* talk(process, socket, (how = "") =>
        process.print(`flannelgraph: ${port}/TCP: answered ${client}${how}\n`),
      );
    });
    return 0;
  } finally {
    listener.close();
  }
}

/** What the container declares, or what its image is known for. */
function portsOf(config: ContainerConfig): readonly ListenPort[] {
  if (config.ports.length > 0) return config.ports;
  const port = WELL_KNOWN.get(standInName(config.image));
  return port === undefined ? [] : [{ port, protocol: "TCP" }];
}

/**
 * The program of an image that the product does not know: a server on the ports that the container declares. Where
 * others wait for its end, there is nothing to serve: it is taken as done.
 */
export function standIn(config: ContainerConfig): Program {
  return function* (process): Task<number> {
    if (config.runsToEnd === true) {
      yield* process.print(`flannelgraph: ${config.image} is not modelled; it is taken as done\n`);
      return 0;
    }
    yield* process.print(`flannelgraph: ${config.image} is not modelled; a small server stands in for it\n`);
    const servers: Coroutine<number>[] = [];
    const { queue } = process.host;
    try {
      for (const { port, protocol } of portsOf(config)) {
        if (protocol === "UDP") servers.push(new Coroutine(queue, udpEcho(process, port)).start());
        else if (protocol === "TCP") servers.push(new Coroutine(queue, tcpServer(process, port)).start());
        else yield* process.print(`flannelgraph: ${port}/${protocol}: ${protocol} is not modelled yet\n`);
      }
      yield* new Signal().wait();
    } finally {
      for (const server of servers) server.kill("KILL");
    }
    return 0;
  };
}
