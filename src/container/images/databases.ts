import { getU32 } from "../../base/bytes.ts";
import { utf8Encode } from "../../base/utf8.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import { program, refuse } from "../../userland/args/exit.ts";
import { runProgram } from "../../userland/os/exec.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import { resolveHost } from "../../userland/resolver/resolver.ts";
import { connectStream, receiveSome, sendAll } from "../../userland/stream/stream.ts";
import { type Ipv4, ipv4, parseIpv4 } from "../../wire/address.ts";
import type { ImageSpec } from "../runtime/images.ts";
import { serveConnections } from "../../userland/stream/connections.ts";
import { imageOf, listenOn, together } from "./serve.ts";

/** Databases as far as their health is asked: they take connections and begin their protocol; queries are refused. */

const LOCALHOST = ipv4(0x7f000001);

function* addressOf(process: Process, host: string): Task<Ipv4 | undefined> {
  const literal = host === "localhost" ? LOCALHOST : parseIpv4(host);
  if (literal !== undefined) return literal;
  const found = yield* resolveHost(process, host);
  return found.ok ? found.value.addresses[0] : undefined;
}

function server(port: number, ready: string, talk: (socket: StreamSocket) => Task<void>): Program {
  return program(function* (process): Task<number> {
    const { socket, error } = listenOn(process, port);
    if (error !== undefined) {
      yield* process.printError(`could not bind port ${port}: ${error}\n`);
      return 1;
    }
    yield* process.printError(`${ready}\n`);
    return yield* together(process, [serveConnections(process, socket, talk)]);
  });
}

/** The first bytes that a client sends; undefined when it goes. */
function* first(socket: StreamSocket): Task<Uint8Array | undefined> {
  const got = yield* receiveSome(socket);
  return got === "timeout" || !got.ok || got.value === null ? undefined : got.value;
}

const SSL_REQUEST = 80_877_103;
/** AuthenticationSASL with SCRAM-SHA-256 (protocol 3.0). */
const ASK_PASSWORD = [82, 0, 0, 0, 23, 0, 0, 0, 10, ...utf8Encode("SCRAM-SHA-256"), 0, 0];

function* postgresTalk(socket: StreamSocket): Task<void> {
  for (;;) {
    const asked = yield* first(socket);
    if (asked === undefined || asked.length < 8) return;
    const said = getU32(asked, 4) === SSL_REQUEST ? [78] : ASK_PASSWORD;
    if ((yield* sendAll(socket, Uint8Array.from(said))) !== undefined) return;
  }
}

const MYSQL_VERSION = "8.4.7";

/** The server's greeting, protocol 10. */
function* mysqlTalk(socket: StreamSocket): Task<void> {
  const body = [
    10,
    ...utf8Encode(MYSQL_VERSION),
    0,
    8,
    0,
    0,
    0,
    ...utf8Encode("flannelg"),
    0,
    0xff,
    0xff,
    45,
    2,
    0,
    0xff,
    0xc7,
    21,
  ];
  const rest = [
    ...Array.from({ length: 10 }, () => 0),
    ...utf8Encode("flannelgraph"),
    0,
    ...utf8Encode("caching_sha2_password"),
    0,
  ];
  const payload = [...body, ...rest];
  yield* sendAll(socket, Uint8Array.from([payload.length, 0, 0, 0, ...payload]));
  while ((yield* first(socket)) !== undefined);
}

function* mongoTalk(socket: StreamSocket): Task<void> {
  while ((yield* first(socket)) !== undefined);
}

function flag(words: readonly string[], ...names: readonly string[]): string | undefined {
  for (const [i, word] of words.entries())
    for (const name of names) {
      if (word === name) return words[i + 1];
      if (word.startsWith(`${name}=`)) return word.slice(name.length + 1);
      if (!name.startsWith("--") && word.startsWith(name)) return word.slice(name.length);
    }
  return undefined;
}

function* reaches(process: Process, host: string, port: number): Task<boolean> {
  const address = yield* addressOf(process, host);
  if (address === undefined) return false;
  const socket = process.net.socket.tcp(process.argv[0] ?? "client");
  try {
    return (yield* connectStream(socket, { address, port }, seconds(3))) === "connected";
  } finally {
    socket.close();
  }
}

const pgIsReady = program(function* (process): Task<number> {
  const words = process.argv.slice(1);
  const host = flag(words, "-h", "--host") ?? process.env.get("PGHOST");
  const port = flag(words, "-p", "--port") ?? process.env.get("PGPORT") ?? "5432";
  const up = yield* reaches(process, host ?? "127.0.0.1", Number(port));
  const place = `${host ?? "/var/run/postgresql"}:${port}`;
  yield* process.print(`${place} - ${up ? "accepting connections" : "no response"}\n`);
  return up ? 0 : 2;
});

const mysqladmin = program(function* (process): Task<number> {
  const words = process.argv.slice(1);
  if (!words.includes("ping")) refuse("mysqladmin without ping");
  const host = flag(words, "-h", "--host") ?? "localhost";
  const up = yield* reaches(process, host, Number(flag(words, "-P", "--port") ?? "3306"));
  if (up) yield* process.print("mysqld is alive\n");
  else yield* process.printError(`mysqladmin: connect to server at '${host}' failed\n`);
  return up ? 0 : 1;
});

const mongosh = program(function* (process): Task<number> {
  const words = process.argv.slice(1);
  const script = flag(words, "--eval") ?? "";
  if (!/ping/.test(script)) refuse("mongosh but for --eval with a ping");
  const up = yield* reaches(process, flag(words, "--host") ?? "127.0.0.1", 27_017);
  if (up) yield* process.print(words.includes("--quiet") || /\.ok/.test(script) ? "1\n" : "{ ok: 1 }\n");
  else yield* process.printError("MongoNetworkError: connect ECONNREFUSED 127.0.0.1:27017\n");
  return up ? 0 : 1;
});

function refused(what: string): Program {
  return program(() => refuse(what));
}

/** Options alone are the server's. */
function entrypoint(daemon: string): Program {
  return program(function* (process): Task<number> {
    const [, word = daemon, ...rest] = process.argv;
    return yield* runProgram(process, word.startsWith("-") ? [daemon, word, ...rest] : [word, ...rest]);
  });
}

function database(
  names: readonly string[],
  daemon: string,
  run: Program,
  tools: Readonly<Record<string, Program>>,
): readonly ImageSpec[] {
  const programs = new Map<string, Program>([
    [daemon, run],
    ["entrypoint", entrypoint(daemon)],
    ...Object.entries(tools),
  ]);
  const executables = Object.fromEntries(
    [...programs.keys()].map((name) => [
      `/usr/local/bin/${name === "entrypoint" ? "docker-entrypoint.sh" : name}`,
      name,
    ]),
  );
  return names.map((name) =>
    imageOf(name, programs, executables, ["/usr/local/bin/docker-entrypoint.sh"], [daemon]),
  );
}

export const databaseImages: readonly ImageSpec[] = [
  ...database(
    ["docker.io/library/postgres"],
    "postgres",
    server(5432, "LOG:  database system is ready to accept connections", postgresTalk),
    { pg_isready: pgIsReady, psql: refused("psql") },
  ),
  ...database(
    ["docker.io/library/mysql", "docker.io/library/mariadb"],
    "mysqld",
    server(3306, "[Server] /usr/sbin/mysqld: ready for connections.", mysqlTalk),
    { mysqladmin, mysql: refused("mysql") },
  ),
  ...database(["docker.io/library/mongo"], "mongod", server(27_017, "Waiting for connections", mongoTalk), {
    mongosh,
    mongo: mongosh,
  }),
];
