import { utf8Decode, utf8Encode } from "../../base/utf8.ts";
import { Signal, type Task } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import { refuse } from "../../userland/args/exit.ts";
import { program } from "../../userland/args/exit.ts";
import type { HttpCall, HttpHandler } from "../../userland/http/server.ts";
import type { HealthOf } from "../../userland/grpc/health.ts";
import type { Process } from "../../userland/os/process.ts";
import { resolveHost } from "../../userland/resolver/resolver.ts";
import { connectStream, receiveSome, sendAll } from "../../userland/stream/stream.ts";
import { serveConnections } from "../../userland/stream/connections.ts";
import { formatIpv4, type Ipv4, parseIpv4 } from "../../wire/address.ts";
import { formatAddress } from "../../wire/ip-address.ts";
import { LATE_SERVERS } from "../servers/late.ts";
import { timestamp } from "./moment.ts";
import {
  answer,
  goFlags,
  goText,
  imageOf,
  listenOn,
  pathOf,
  queryOf,
  serveDatagrams,
  serveWeb,
  together,
} from "./serve.ts";

type Flags = ReadonlyMap<string, string>;

const NOT_FOUND = "404 page not found\n";

function netexecAnswer(process: Process, call: HttpCall): ReturnType<typeof goText> {
  const say = (body: string): ReturnType<typeof goText> => goText(process, 200, body);
  const from = `${formatAddress(call.from.address)}:${call.from.port}`;
  const path = pathOf(call);
  switch (path) {
    case "/":
      return say(`NOW: ${timestamp(process)}`);
    case "/clientip":
      return say(from);
    case "/echo": {
      const code = queryOf(call, "code");
      return goText(process, code === undefined ? 200 : Number(code), queryOf(call, "msg") ?? "");
    }
    case "/header":
      return say(
        call.request.fields.find(({ name }) => name.toLowerCase() === queryOf(call, "key")?.toLowerCase())
          ?.value ?? "",
      );
    case "/healthz":
      return say("");
    case "/hostname":
    case "/hostName":
      return say(process.host.name);
    case "/redirect":
      return answer(Number(queryOf(call, "code") ?? "302"), "", [
        { name: "Location", value: queryOf(call, "location") ?? "/" },
      ]);
    case "/dial":
    case "/exit":
    case "/shell":
    case "/shutdown":
    case "/upload":
      return goText(process, 501, `flannelgraph: netexec ${path} is not modelled yet\n`);
    default:
      return say(`NOW: ${timestamp(process)}`);
  }
}

/** Models: kubernetes test/images/agnhost/netexec. */
function* netexec(process: Process, flags: Flags): Task<number> {
  const http = Number(flags.get("http-port") ?? "8080");
  const udp = Number(flags.get("udp-port") ?? "8081");
  const handler: HttpHandler = function* (call) {
    const { request, from } = call;
    yield* process.printError(
      `${timestamp(process)} ${request.method} ${request.target} from ${formatAddress(from.address)}:${from.port}\n`,
    );
    return netexecAnswer(process, call);
  };
  yield* process.printError(`Started HTTP server on port ${http}\n`);
  const tasks = [serveWeb(process, http, handler)];
  if (udp >= 0) {
    yield* process.printError(`Started UDP server on port  ${udp}\n`);
    tasks.push(serveDatagrams(process, udp, (bytes, from) => udpAnswer(process, utf8Decode(bytes), from)));
  }
  return yield* together(process, tasks);
}

function udpAnswer(
  process: Process,
  text: string,
  from: { readonly address: Ipv4; readonly port: number },
): Uint8Array | undefined {
  const words = text.trim().split(" ");
  const command = (words[0] ?? "").toLowerCase();
  if (command === "hostname") return utf8Encode(process.host.name);
  if (command === "echo") return utf8Encode(words.slice(1).join(" "));
  if (command === "clientip") return utf8Encode(`${formatIpv4(from.address)}:${from.port}`);
  return command === "" ? undefined : utf8Encode(`Unknown command: ${text.trim()}`);
}

/** Models: agnhost/serve-hostname. */
function* serveHostname(process: Process, flags: Flags): Task<number> {
  const port = Number(flags.get("port") ?? "9376");
  const { name } = process.host;
  if (flags.get("udp") === "true")
    return yield* together(process, [serveDatagrams(process, port, () => utf8Encode(name))]);
  if (flags.get("tcp") === "true") {
    const { socket } = listenOn(process, port);
    const talk = function* (connection: typeof socket): Task<void> {
      yield* sendAll(connection, utf8Encode(name));
    };
    return yield* together(process, [serveConnections(process, socket, talk)]);
  }
  const handler: HttpHandler = function* () {
    return goText(process, 200, name);
  };
  return yield* together(process, [serveWeb(process, port, handler)]);
}

/** SERVE_PORT_80=text: a server on 80 that says it. Models: agnhost/porter. */
function* porter(process: Process): Task<number> {
  const tasks: Task<void>[] = [];
  for (const [name, text] of process.env) {
    const m = /^SERVE_(SCTP_|TLS_)?PORT_(\d+)$/.exec(name);
    if (m === null) continue;
    if (m[1] !== undefined) refuse(`agnhost porter with ${m[1].slice(0, -1)}`);
    const handler: HttpHandler = function* () {
      return goText(process, 200, text);
    };
    tasks.push(serveWeb(process, Number(m[2]), handler));
  }
  return yield* together(process, tasks);
}

/** Says why a connection cannot be made: TIMEOUT, REFUSED, DNS, OTHER. Models: agnhost/connect. */
function* connect(process: Process, flags: Flags, operands: readonly string[]): Task<number> {
  const [target = ""] = operands;
  const protocol = (flags.get("protocol") ?? "tcp").toLowerCase();
  if (protocol !== "tcp") refuse(`agnhost connect --protocol=${protocol}`);
  const at = target.lastIndexOf(":");
  const [host, port] = [target.slice(0, at), Number(target.slice(at + 1))];
  const wait = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(flags.get("timeout") ?? "30s");
  const scale = wait?.[2] === "ms" ? 0.001 : wait?.[2] === "m" ? 60 : 1;
  let address = parseIpv4(host);
  if (address === undefined) {
    const found = yield* resolveHost(process, host);
    address = found.ok ? found.value.addresses[0] : undefined;
  }
  if (address === undefined) return yield* failed(process, "DNS");
  const socket = process.net.socket.tcp("agnhost");
  try {
    const ended = yield* connectStream(socket, { address, port }, seconds(Number(wait?.[1] ?? "30") * scale));
    if (ended === "connected") return 0;
    if (ended === "timeout") return yield* failed(process, "TIMEOUT");
    return yield* failed(process, ended.errno === "ECONNREFUSED" ? "REFUSED" : "OTHER");
  } finally {
    socket.close();
  }
}

function* failed(process: Process, why: string): Task<number> {
  yield* process.printError(`${why}\n`);
  return 1;
}

/** gRPC's health service on one port; over HTTP, on another, it is told what to say. Models: agnhost/grpc-health-checking. */
function* grpcHealth(process: Process, flags: Flags): Task<number> {
  const { socket } = listenOn(process, Number(flags.get("port") ?? "5000"));
  const own = flags.get("service") ?? "";
  const delay = Number(flags.get("delay-unhealthy-sec") ?? "-1");
  const sickAt = delay < 0 ? Infinity : process.host.queue.now + seconds(delay);
  let forced: boolean | undefined;
  const healthOf: HealthOf = (service) => {
    if (service !== own) return undefined;
    return (forced ?? process.host.queue.now < sickAt) ? "SERVING" : "NOT_SERVING";
  };
  const talk = function* (connection: typeof socket): Task<void> {
    const got = yield* receiveSome(connection);
    if (got === "timeout" || !got.ok || got.value === null) return;
    yield* LATE_SERVERS.get().grpc(connection, got.value, healthOf, function* () {});
  };
  const steering: HttpHandler = function* (call) {
    const path = pathOf(call);
    if (path !== "/make-serving" && path !== "/make-not-serving") return goText(process, 404, NOT_FOUND);
    forced = path === "/make-serving";
    yield* process.printError(`${timestamp(process)} Mark as ${forced ? "healthy" : "unhealthy"}\n`);
    return goText(process, 200, "");
  };
  return yield* together(process, [
    serveConnections(process, socket, talk),
    serveWeb(process, Number(flags.get("http-port") ?? "8080"), steering),
  ]);
}

function* untilTold(process: Process): Task<number> {
  return yield* together(process, [
    (function* (): Task<void> {
      yield* new Signal().wait();
    })(),
  ]);
}

/** The image of Kubernetes' own end-to-end tests. Models: kubernetes test/images/agnhost 2.5x. */
export const agnhost = program(function* (process): Task<number> {
  const [, command = "pause", ...words] = process.argv;
  const { flags, operands } = goFlags(words);
  switch (command) {
    case "pause":
      yield* process.print("Paused\n");
      return yield* untilTold(process);
    case "netexec":
      return yield* netexec(process, flags);
    case "serve-hostname":
      return yield* serveHostname(process, flags);
    case "porter":
      return yield* porter(process);
    case "connect":
      return yield* connect(process, flags, operands);
    case "test-webserver": {
      const handler: HttpHandler = function* () {
        return goText(process, 404, NOT_FOUND);
      };
      return yield* together(process, [serveWeb(process, Number(flags.get("port") ?? "80"), handler)]);
    }
    case "grpc-health-checking":
      return yield* grpcHealth(process, flags);
    default:
      return refuse(`agnhost ${command}`);
  }
});

const PROGRAMS = new Map([["agnhost", agnhost]]);

export const agnhostImages = [
  "registry.k8s.io/e2e-test-images/agnhost",
  "k8s.gcr.io/e2e-test-images/agnhost",
].map((repository) => imageOf(repository, PROGRAMS, { "/agnhost": "agnhost" }, ["/agnhost"], ["pause"]));
