import { utf8Decode, utf8Encode } from "../../base/utf8.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import { program } from "../../userland/args/exit.ts";
import { runProgram } from "../../userland/os/exec.ts";
import type { Process } from "../../userland/os/process.ts";
import { resolveHost } from "../../userland/resolver/resolver.ts";
import { connectStream, receiveSome, sendAll } from "../../userland/stream/stream.ts";
import { parseIpv4 } from "../../wire/address.ts";
import type { ImageSpec } from "../runtime/images.ts";
import { serveConnections } from "../../userland/stream/connections.ts";
import { imageOf, listenOn, together } from "./serve.ts";

/** redis-server with the commands that a demonstration uses, and redis-cli. RESP: redis.io/docs/reference/protocol-spec. */

type Data = Map<string, string>;

const bulk = (text: string | undefined): string =>
  text === undefined ? "$-1\r\n" : `$${utf8Encode(text).length}\r\n${text}\r\n`;
const array = (items: readonly string[]): string => `*${items.length}\r\n${items.map(bulk).join("")}`;
const arity = (name: string): string => `-ERR wrong number of arguments for '${name}' command\r\n`;

function add(data: Data, key: string, by: number): string {
  const value = Number(data.get(key) ?? "0");
  if (!Number.isInteger(value)) return "-ERR value is not an integer or out of range\r\n";
  data.set(key, String(value + by));
  return `:${value + by}\r\n`;
}

/** One command's reply. */
function reply(data: Data, [word = "", ...args]: readonly string[]): string {
  const name = word.toLowerCase();
  const [key, value] = args;
  switch (name) {
    case "ping":
      return key === undefined ? "+PONG\r\n" : bulk(key);
    case "echo":
      return key === undefined ? arity(name) : bulk(key);
    case "set":
      if (key === undefined || value === undefined) return arity(name);
      data.set(key, value);
      return "+OK\r\n";
    case "get":
      return key === undefined ? arity(name) : bulk(data.get(key));
    case "del":
      return `:${args.filter((each) => data.delete(each)).length}\r\n`;
    case "exists":
      return `:${args.filter((each) => data.has(each)).length}\r\n`;
    case "incr":
      return key === undefined ? arity(name) : add(data, key, 1);
    case "decr":
      return key === undefined ? arity(name) : add(data, key, -1);
    case "incrby":
      return key === undefined || value === undefined ? arity(name) : add(data, key, Number(value));
    case "append":
      if (key === undefined || value === undefined) return arity(name);
      data.set(key, (data.get(key) ?? "") + value);
      return `:${(data.get(key) ?? "").length}\r\n`;
    case "keys":
      return array([...data.keys()].filter((each) => key === "*" || each === key));
    case "dbsize":
      return `:${data.size}\r\n`;
    case "flushall":
    case "flushdb":
      data.clear();
      return "+OK\r\n";
    case "auth":
    case "select":
    case "client":
    case "quit":
      return "+OK\r\n";
    case "info":
      return bulk(
        "# Server\r\nredis_version:7.4.1\r\nredis_mode:standalone\r\nos:Linux x86_64\r\n# Replication\r\nrole:master\r\nconnected_slaves:0\r\n",
      );
    default:
      return `-ERR unknown command '${word}', with args beginning with: ${args.map((each) => `'${each}' `).join("")}\r\n`;
  }
}

/** The first command in `text` and how long it is: an array of bulk strings, or a line of words. */
function command(text: string): { readonly words: readonly string[]; readonly length: number } | undefined {
  if (!text.startsWith("*")) {
    const end = text.indexOf("\n");
    if (end < 0) return undefined;
    return { words: text.slice(0, end).trim().split(/\s+/), length: end + 1 };
  }
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return undefined;
  const words: string[] = [];
  let at = head[0].length;
  for (let i = 0; i < Number(head[1]); i++) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (size === null) return undefined;
    const begin = at + size[0].length;
    const end = begin + Number(size[1]);
    if (text.length < end + 2) return undefined;
    words.push(text.slice(begin, end));
    at = end + 2;
  }
  return { words, length: at };
}

function* talk(data: Data, socket: StreamSocket): Task<void> {
  let heard = "";
  for (;;) {
    const got = yield* receiveSome(socket);
    if (got === "timeout" || !got.ok || got.value === null) return;
    heard += utf8Decode(got.value);
    for (;;) {
      const next = command(heard);
      if (next === undefined) break;
      heard = heard.slice(next.length);
      if (next.words[0] === "") continue;
      if ((yield* sendAll(socket, utf8Encode(reply(data, next.words)))) !== undefined) return;
      if (next.words[0]?.toLowerCase() === "quit") return;
    }
  }
}

const redisServer = program(function* (process): Task<number> {
  const flag = process.argv.indexOf("--port");
  const port = flag < 0 ? 6379 : Number(process.argv[flag + 1]);
  const { socket, error } = listenOn(process, port);
  if (error !== undefined) {
    yield* process.print(
      `# Warning: Could not create server TCP listening socket *:${port}: bind: ${error}\n`,
    );
    return 1;
  }
  yield* process.print("1:M * Ready to accept connections tcp\n");
  const data: Data = new Map();
  try {
    return yield* together(process, [serveConnections(process, socket, (each) => talk(data, each))]);
  } finally {
    socket.close();
  }
});

/** A reply as redis-cli prints it when its output is no terminal. */
function shown(text: string): { readonly text: string; readonly length: number } | undefined {
  const end = text.indexOf("\r\n");
  if (end < 0) return undefined;
  const head = text.slice(1, end);
  if (text[0] === "$") {
    const size = Number(head);
    if (size < 0) return { text: "\n", length: end + 2 };
    if (text.length < end + 4 + size) return undefined;
    return { text: `${text.slice(end + 2, end + 2 + size)}\n`, length: end + 4 + size };
  }
  if (text[0] !== "*") return { text: `${head}\n`, length: end + 2 };
  let [at, out] = [end + 2, ""];
  for (let i = 0; i < Number(head); i++) {
    const item = shown(text.slice(at));
    if (item === undefined) return undefined;
    out += item.text;
    at += item.length;
  }
  return { text: out, length: at };
}

const VALUED: Readonly<Record<string, string>> = {
  "-h": "host",
  "-p": "port",
  "-a": "auth",
  "-n": "db",
  "-u": "uri",
};

const redisCli = program(function* (process): Task<number> {
  const given = new Map<string, string>();
  const words = process.argv.slice(1);
  while (words[0]?.startsWith("-") === true) {
    const flag = words.shift() ?? "";
    const name = VALUED[flag];
    if (name !== undefined) given.set(name, words.shift() ?? "");
  }
  const host = given.get("host") ?? "127.0.0.1";
  const port = Number(given.get("port") ?? "6379");
  const refused = (why: string): Task<void> =>
    process.printError(`Could not connect to Redis at ${host}:${port}: ${why}\n`);
  let address = parseIpv4(host === "localhost" ? "127.0.0.1" : host);
  if (address === undefined) {
    const found = yield* resolveHost(process, host);
    address = found.ok ? found.value.addresses[0] : undefined;
  }
  if (address === undefined) {
    yield* refused("Name or service not known");
    return 1;
  }
  const socket = process.net.socket.tcp("redis-cli");
  try {
    const ended = yield* connectStream(socket, { address, port }, seconds(120));
    if (ended !== "connected") {
      yield* refused(
        ended !== "timeout" && ended.errno === "ECONNREFUSED" ? "Connection refused" : "Connection timed out",
      );
      return 1;
    }
    yield* sendAll(socket, utf8Encode(array(words.length === 0 ? ["PING"] : words)));
    return yield* hear(process, socket);
  } finally {
    socket.close();
  }
});

function* hear(process: Process, socket: StreamSocket): Task<number> {
  let heard = "";
  for (;;) {
    const got = yield* receiveSome(socket);
    if (got === "timeout" || !got.ok || got.value === null) {
      yield* process.printError("Error: Server closed the connection\n");
      return 1;
    }
    heard += utf8Decode(got.value);
    const whole = shown(heard);
    if (whole === undefined) continue;
    yield* process.print(heard.startsWith("-") ? `${whole.text}\n` : whole.text);
    return heard.startsWith("-") ? 1 : 0;
  }
}

const entrypoint = program(function* (process): Task<number> {
  const [, first = "redis-server", ...rest] = process.argv;
  const argv =
    first.startsWith("-") || first.endsWith(".conf") ? ["redis-server", first, ...rest] : [first, ...rest];
  return yield* runProgram(process, argv);
});

const PROGRAMS: ImageSpec["programs"] = new Map([
  ["redis-server", redisServer],
  ["redis-cli", redisCli],
  ["docker-entrypoint.sh", entrypoint],
]);

export const redisImages: readonly ImageSpec[] = [
  "docker.io/library/redis",
  "registry.k8s.io/redis",
  "docker.io/valkey/valkey",
].map((repository) =>
  imageOf(
    repository,
    PROGRAMS,
    {
      "/usr/local/bin/redis-server": "redis-server",
      "/usr/local/bin/redis-cli": "redis-cli",
      "/usr/local/bin/docker-entrypoint.sh": "docker-entrypoint.sh",
    },
    ["/usr/local/bin/docker-entrypoint.sh"],
    ["redis-server"],
  ),
);
