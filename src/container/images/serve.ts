import { utf8Encode } from "../../base/utf8.ts";
import type { DatagramSocket, StreamSocket } from "../../kernel/uapi/index.ts";
import { Coroutine, Interrupted, type Task } from "../../sim/task.ts";
import { type HttpAnswer, type HttpCall, type HttpHandler, serveHttp } from "../../userland/http/server.ts";
import type { Process } from "../../userland/os/process.ts";
import { IPV4_ANY, type Ipv4 } from "../../wire/address.ts";
import type { HttpField } from "../../wire/http.ts";
import { goErrno } from "../errno.ts";
import type { ImageSpec } from "../runtime/images.ts";
import { httpDate } from "../servers/nginx/clock.ts";

const BACKLOG = 511;

export interface Listening {
  readonly socket: StreamSocket;
  readonly error: string | undefined;
}

/** socket, bind, listen; the error as Go says it. */
export function listenOn(process: Process, port: number, address: Ipv4 = IPV4_ANY): Listening {
  const socket = process.net.socket.tcp(process.argv[0] ?? "server");
  socket.setOptions({ reuseAddress: true });
  const bound = socket.bind({ address, port });
  const listening = bound.ok ? socket.listen(BACKLOG) : bound;
  return { socket, error: listening.ok ? undefined : goErrno(listening.error) };
}

/** Datagrams, one after the other; what the handler says goes back. */
export function* serveDatagrams(
  process: Process,
  port: number,
  answer: (
    bytes: Uint8Array,
    from: { readonly address: Ipv4; readonly port: number },
  ) => Uint8Array | undefined,
): Task<void> {
  const socket: DatagramSocket = process.net.socket.udp(process.argv[0] ?? "server");
  try {
    if (!socket.bind({ address: IPV4_ANY, port }).ok) return;
    for (;;) {
      const got = socket.receive();
      if (!got.ok || got.value === undefined) {
        yield* socket.readable.wait();
        continue;
      }
      const { bytes, from } = got.value;
      const said = answer(bytes, from);
      if (said !== undefined) socket.send(said, from);
    }
  } finally {
    socket.close();
  }
}

/** Runs tasks side by side until the process is told to end: 0 then. */
export function* together(process: Process, tasks: readonly Task<void>[]): Task<number> {
  const { queue } = process.host;
  const running = tasks.map((task) => new Coroutine(queue, task).start());
  for (const signal of ["TERM", "INT", "QUIT"]) process.handle(signal);
  try {
    for (const task of running) yield* task.join();
    return 0;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return 0;
  } finally {
    for (const task of running) task.kill("KILL");
  }
}

/** What Go's net/http says to who speaks something else. */
function goBadRequest(): HttpAnswer {
  return answer(400, "400 Bad Request", [
    { name: "Content-Type", value: "text/plain; charset=utf-8" },
    { name: "Connection", value: "close" },
  ]);
}

/** An HTTP server on one port. */
export function* serveWeb(process: Process, port: number, handler: HttpHandler): Task<void> {
  const { socket, error } = listenOn(process, port);
  try {
    if (error !== undefined) {
      yield* process.printError(`listen tcp :${port}: bind: ${error}\n`);
      return;
    }
    yield* serveHttp(process, socket, handler, {
      version: "HTTP/1.1",
      headFirst: false,
      malformed: () => goBadRequest(),
    });
  } finally {
    socket.close();
  }
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  204: "No Content",
  301: "Moved Permanently",
  302: "Found",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
};

/** A whole answer; Content-Length is added behind `fields`. */
export function answer(status: number, body: string | Uint8Array, fields: readonly HttpField[]): HttpAnswer {
  const bytes = typeof body === "string" ? utf8Encode(body) : body;
  return {
    status,
    reason: REASONS[status] ?? "",
    fields: [...fields, { name: "Content-Length", value: String(bytes.length) }],
    body: bytes,
  };
}

/** A plain text as Go's net/http sends it. */
export function goText(
  process: Process,
  status: number,
  body: string,
  more: readonly HttpField[] = [],
): HttpAnswer {
  return answer(status, body, [
    ...more,
    { name: "Date", value: httpDate(process.host.queue.now) },
    { name: "Content-Type", value: "text/plain; charset=utf-8" },
  ]);
}

/** The path of a request, without its query. */
export const pathOf = ({ request }: HttpCall): string => request.target.replace(/[?#].*$/, "");

/** A parameter of the query, decoded. */
export function queryOf({ request }: HttpCall, name: string): string | undefined {
  const query = request.target.split("?")[1] ?? "";
  for (const pair of query.split("&")) {
    const [key = "", ...rest] = pair.split("=");
    if (key === name) return decode(rest.join("="));
  }
  return undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

/** `--name=value`, `-name value`, `--name`: as Go's flags are written. */
export function goFlags(words: readonly string[]): {
  readonly flags: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
} {
  const flags = new Map<string, string>();
  const operands: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const m = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word);
    if (m === null) operands.push(word);
    else if (m[2] !== undefined) flags.set(m[1]!, m[2]);
    else if (words[i + 1]?.startsWith("-") === false && !SWITCHES.has(m[1]!)) flags.set(m[1]!, words[++i]!);
    else flags.set(m[1]!, "true");
  }
  return { flags, operands };
}

const SWITCHES: ReadonlySet<string> = new Set(["http", "tcp", "udp", "close", "verbose", "v"]);

/** An image whose first executable is what it runs. */
export function imageOf(
  repository: string,
  programs: ImageSpec["programs"],
  executables: ImageSpec["executables"],
  entrypoint: readonly string[],
  command: readonly string[] = [],
): ImageSpec {
  return { repository, programs, executables, entrypoint, command };
}
