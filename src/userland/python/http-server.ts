import { utf8Encode } from "../../base/utf8.ts";
import type { Task } from "../../sim/task.ts";
import { NANOS_PER_SECOND } from "../../sim/time.ts";
import { type Ipv4, IPV4_ANY, parseIpv4 } from "../../wire/address.ts";
import { formatAddress } from "../../wire/ip-address.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { type HttpAnswer, type HttpCall, serveHttp } from "../http/server.ts";
import { strerror } from "../os/errno.ts";
import { resolvePath } from "../os/fs.ts";
import type { Process } from "../os/process.ts";
import { EPOCH_SECONDS } from "../shell/specials.ts";
import { momentOf, strftime } from "../text/strftime.ts";

/** `python3 -m http.server`: CPython 3.11's SimpleHTTPRequestHandler, the one thing that labs use Python for. */

const BACKLOG = 5;

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html",
  htm: "text/html",
  txt: "text/plain",
  css: "text/css",
  js: "text/javascript",
  json: "application/json",
  xml: "text/xml",
  png: "image/png",
  jpg: "image/jpeg",
  gz: "application/gzip",
};

const EXPLANATIONS: Readonly<Record<number, readonly [string, string]>> = {
  404: ["File not found", "Nothing matches the given URI"],
  501: ["Unsupported method", "Server does not support this operation"],
};

function moment(process: Process): ReturnType<typeof momentOf> {
  return momentOf(EPOCH_SECONDS + Math.floor(process.host.queue.now / NANOS_PER_SECOND));
}

const HTTP_DATE = "%a, %d %b %Y %H:%M:%S GMT";

function errorAnswer(process: Process, status: number, detail = ""): HttpAnswer {
  const [reason = "", why = ""] = EXPLANATIONS[status] ?? [];
  const message = `${reason}${detail}`;
  const body = utf8Encode(
    `<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: ${status}</p>
        <p>Message: ${message}.</p>
        <p>Error code explanation: ${status} - ${why}.</p>
    </body>
</html>
`,
  );
  return {
    status,
    reason: message,
    fields: [
      { name: "Server", value: "SimpleHTTP/0.6 Python/3.11.2" },
      { name: "Date", value: strftime(HTTP_DATE, moment(process)) },
      { name: "Connection", value: "close" },
      { name: "Content-Type", value: "text/html;charset=utf-8" },
      { name: "Content-Length", value: String(body.length) },
    ],
    body,
  };
}

function listing(path: string, names: readonly string[]): string {
  const items = names.map((name) => `<li><a href="${encodeURI(name)}">${name}</a></li>\n`).join("");
  return `<!DOCTYPE HTML>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Directory listing for ${path}</title>
</head>
<body>
<h1>Directory listing for ${path}</h1>
<hr>
<ul>
${items}</ul>
<hr>
</body>
</html>
`;
}

function answer(process: Process, root: string, call: HttpCall): HttpAnswer {
  const { method, target } = call.request;
  if (method !== "GET" && method !== "HEAD") return errorAnswer(process, 501, ` ('${method}')`);
  const path = target.replace(/[?#].*$/, "");
  const { fs } = process.host;
  let file = resolvePath(root, `./${path}`);
  const date = { name: "Date", value: strftime(HTTP_DATE, moment(process)) };
  const server = { name: "Server", value: "SimpleHTTP/0.6 Python/3.11.2" };
  if (fs.stat(file)?.kind === "directory") {
    if (!path.endsWith("/")) {
      const fields = [
        server,
        date,
        { name: "Location", value: `${path}/` },
        { name: "Content-Length", value: "0" },
      ];
      return { status: 301, reason: "Moved Permanently", fields, body: new Uint8Array(0) };
    }
    const index = ["index.html", "index.htm"].find(
      (name) => fs.stat(resolvePath(file, name))?.kind === "file",
    );
    if (index === undefined) return directory(process, file, path, [server, date]);
    file = resolvePath(file, index);
  }
  const read = fs.read(file);
  if (!read.ok) return errorAnswer(process, 404);
  const type = TYPES[file.slice(file.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  const fields = [
    server,
    date,
    { name: "Content-type", value: type },
    { name: "Content-Length", value: String(read.value.length) },
    { name: "Last-Modified", value: strftime(HTTP_DATE, momentOf(EPOCH_SECONDS)) },
  ];
  return { status: 200, reason: "OK", fields, body: read.value };
}

function directory(process: Process, file: string, path: string, head: HttpAnswer["fields"]): HttpAnswer {
  const { fs } = process.host;
  const listed = fs.list(file);
  const names = (listed.ok ? [...listed.value] : [])
    .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    .map((name) => (fs.stat(resolvePath(file, name))?.kind === "directory" ? `${name}/` : name));
  const body = utf8Encode(listing(path, names));
  const fields = [
    ...head,
    { name: "Content-type", value: "text/html; charset=utf-8" },
    { name: "Content-Length", value: String(body.length) },
  ];
  return { status: 200, reason: "OK", fields, body };
}

interface ServerOptions {
  readonly address: Ipv4;
  readonly port: number;
  readonly root: string;
}

function readOptions(process: Process): ServerOptions {
  const words = process.argv.slice(1);
  if (words.shift() !== "-m" || words.shift() !== "http.server") refuse("python3 other than -m http.server");
  let address: Ipv4 = IPV4_ANY;
  let port = 8000;
  let root = process.cwd;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--bind" || word === "-b")
      address = parseIpv4(words.shift() ?? "") ?? refuse("--bind to a name");
    else if (word === "--directory" || word === "-d") root = resolvePath(process.cwd, words.shift() ?? ".");
    else if (/^\d+$/.test(word)) port = Number(word);
    else refuse(`python3 -m http.server ${word}`);
  }
  return { address, port, root };
}

function* main(process: Process): Task<number> {
  const { address, port, root } = readOptions(process);
  const socket = process.net.socket.tcp(process.argv.join(" "));
  try {
    socket.setOptions({ reuseAddress: true });
    const bound = socket.bind({ address, port });
    if (!bound.ok) {
      const number = bound.error.errno === "EADDRINUSE" ? 98 : 99;
      fail(1, `OSError: [Errno ${number}] ${strerror(bound.error.errno)}\n`);
    }
    socket.listen(BACKLOG);
    const place = formatAddress(address);
    yield* process.print(`Serving HTTP on ${place} port ${port} (http://${place}:${port}/) ...\n`);
    yield* serveHttp(
      process,
      socket,
      function* (call) {
        const said = answer(process, root, call);
        const when = strftime("%d/%b/%Y %H:%M:%S", moment(process));
        const { method, target, version } = call.request;
        const from = formatAddress(call.from.address);
        if (said.status >= 400)
          yield* process.printError(`${from} - - [${when}] code ${said.status}, message ${said.reason}\n`);
        yield* process.printError(
          `${from} - - [${when}] "${method} ${target} ${version}" ${said.status} -\n`,
        );
        return said;
      },
      { version: "HTTP/1.0", headFirst: true },
    );
    return 0;
  } finally {
    socket.close();
  }
}

export const python3 = program(main);
