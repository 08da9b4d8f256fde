import { err, ok, type Result } from "../../base/result.ts";
import { utf8Decode } from "../../base/utf8.ts";
import type { Task } from "../../sim/task.ts";
import { program } from "../../userland/args/exit.ts";
import { type HttpAnswer, type HttpCall, type HttpHandler, serveHttp } from "../../userland/http/server.ts";
import { runProgram } from "../../userland/os/exec.ts";
import { resolvePath } from "../../userland/os/fs.ts";
import type { Process } from "../../userland/os/process.ts";
import { formatAddress } from "../../wire/ip-address.ts";
import type { HttpField } from "../../wire/http.ts";
import type { ImageSpec } from "../runtime/images.ts";
import { errorTime, httpDate, timeLocal } from "../servers/nginx/clock.ts";
import { statusPage } from "../servers/nginx/pages.ts";
import { type Directive, parseNginx } from "./nginx-conf.ts";
import { NGINX_CONF, NGINX_DEFAULT, NGINX_50X, NGINX_WELCOME } from "./nginx-files.ts";
import { forward } from "./nginx-proxy.ts";
import { answer, imageOf, listenOn, pathOf, together } from "./serve.ts";

/** The server of the image `nginx`: what its configuration says, as far as the directives below go. */

export const NGINX_VERSION = "1.29.3";
const SERVER = { name: "Server", value: `nginx/${NGINX_VERSION}` };

interface Location {
  readonly kind: "prefix" | "exact" | "regexp";
  readonly path: string;
  readonly directives: readonly Directive[];
}

interface Server {
  readonly ports: readonly number[];
  readonly names: readonly string[];
  readonly directives: readonly Directive[];
  readonly locations: readonly Location[];
}

export interface Config {
  readonly servers: readonly Server[];
  readonly upstreams: ReadonlyMap<string, readonly string[]>;
}

/** Directives that are read over: they change nothing that is looked at here. */
const IGNORED: ReadonlySet<string> = new Set(
  (
    "user worker_processes error_log pid events worker_connections include types default_type log_format access_log sendfile " +
    "tcp_nopush tcp_nodelay keepalive_timeout gzip charset error_page server_tokens client_max_body_size " +
    "proxy_http_version proxy_set_header proxy_buffering proxy_read_timeout proxy_connect_timeout proxy_send_timeout " +
    "proxy_redirect keepalive least_conn ip_hash resolver worker_rlimit_nofile multi_accept use expires autoindex stub_status"
  ).split(" "),
);
const KNOWN: ReadonlySet<string> = new Set(
  "http server listen server_name location root alias index return proxy_pass try_files add_header upstream".split(
    " ",
  ),
);

const word = (of: readonly Directive[], name: string): string | undefined =>
  of.findLast((each) => each.name === name)?.words[0];

/** The files of a configuration with what they include; the error is nginx's line for the log. */
function readConfig(process: Process, path: string): Result<readonly Directive[], string> {
  const { fs } = process.host;
  const bytes = fs.read(path);
  if (!bytes.ok) return err(`open() "${path}" failed (2: No such file or directory)`);
  const parsed = parseNginx(utf8Decode(bytes.value));
  if (!parsed.ok) return err(`${parsed.error.text} in ${path}:${parsed.error.line}`);
  return expand(process, path, parsed.value);
}

function expand(
  process: Process,
  path: string,
  directives: readonly Directive[],
): Result<readonly Directive[], string> {
  const out: Directive[] = [];
  for (const directive of directives) {
    const { name, words, block, line } = directive;
    if (name === "include" && !words[0]?.endsWith("mime.types")) {
      for (const file of included(process, words[0] ?? "")) {
        const inner = readConfig(process, file);
        if (!inner.ok) return inner;
        out.push(...inner.value);
      }
      continue;
    }
    if (!IGNORED.has(name) && !KNOWN.has(name))
      return err(`flannelgraph: directive "${name}" is not modelled yet in ${path}:${line}`);
    if (block === undefined || name === "types" || name === "upstream") {
      out.push(directive);
      continue;
    }
    const inner = expand(process, path, block);
    if (!inner.ok) return inner;
    out.push({ ...directive, block: inner.value });
  }
  return ok(out);
}

function included(process: Process, pattern: string): readonly string[] {
  const path = resolvePath("/etc/nginx", pattern);
  if (!path.includes("*")) return [path];
  const dir = path.slice(0, path.lastIndexOf("/"));
  const names = process.host.fs.list(dir);
  const shape = new RegExp(
    `^${path
      .slice(dir.length + 1)
      .replaceAll(".", "\\.")
      .replaceAll("*", ".*")}$`,
  );
  return names.ok ? names.value.filter((name) => shape.test(name)).map((name) => `${dir}/${name}`) : [];
}

function serverOf(block: readonly Directive[]): Server {
  const listens = block.filter(({ name }) => name === "listen").map(({ words }) => words[0] ?? "80");
  const ports = (listens.length === 0 ? ["80"] : listens)
    .filter((listen) => !listen.includes("["))
    .map((listen) => Number(listen.replace(/^.*:/, "")) || 80);
  const locations = block
    .filter(({ name }) => name === "location")
    .map(({ words, block: inner = [] }): Location => {
      const [first = "", second] = words;
      if (second === undefined) return { kind: "prefix", path: first, directives: inner };
      if (first === "=") return { kind: "exact", path: second, directives: inner };
      return { kind: first === "^~" ? "prefix" : "regexp", path: second, directives: inner };
    });
  const names = block.filter(({ name }) => name === "server_name").flatMap(({ words }) => words);
  return { ports, names, directives: block, locations };
}

function configOf(directives: readonly Directive[]): Config {
  const http = directives.filter(({ name }) => name === "http").flatMap(({ block = [] }) => block);
  const upstreams = http
    .filter(({ name }) => name === "upstream")
    .map(
      ({ words, block = [] }) =>
        [
          words[0] ?? "",
          block.filter(({ name }) => name === "server").map((each) => each.words[0] ?? ""),
        ] as const,
    );
  return {
    servers: http.filter(({ name }) => name === "server").map(({ block = [] }) => serverOf(block)),
    upstreams: new Map(upstreams),
  };
}

/** Exact, else the first regular expression, else the longest prefix. Models: ngx_http_core_find_location. */
function locate({ locations }: Server, path: string): Location | undefined {
  const exact = locations.find(({ kind, path: wanted }) => kind === "exact" && wanted === path);
  const regexp = locations.find(
    ({ kind, path: wanted }) => kind === "regexp" && new RegExp(wanted).test(path),
  );
  const prefixes = locations
    .filter(({ kind, path: wanted }) => kind === "prefix" && path.startsWith(wanted))
    .toSorted((a, b) => b.path.length - a.path.length);
  return exact ?? regexp ?? prefixes[0];
}

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html",
  htm: "text/html",
  css: "text/css",
  js: "application/javascript",
  json: "application/json",
  txt: "text/plain",
  xml: "text/xml",
  png: "image/png",
  svg: "image/svg+xml",
};

function page(process: Process, status: number): HttpAnswer {
  return answer(status, statusPage(status, SERVER.value), [
    ...common(process),
    { name: "Content-Type", value: "text/html" },
  ]);
}

const common = (process: Process): readonly HttpField[] => [
  SERVER,
  { name: "Date", value: httpDate(process.host.queue.now) },
];

function variables(process: Process, call: HttpCall, text: string): string {
  const fields = call.request.fields;
  const values: Readonly<Record<string, string>> = {
    hostname: process.host.name,
    host: (fields.find(({ name }) => name.toLowerCase() === "host")?.value ?? "").replace(/:\d+$/, ""),
    remote_addr: formatAddress(call.from.address),
    remote_port: String(call.from.port),
    request_uri: call.request.target,
    uri: pathOf(call),
    scheme: "http",
    server_addr: "",
    http_user_agent: fields.find(({ name }) => name === "User-Agent")?.value ?? "",
  };
  return text.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => values[name] ?? whole);
}

function fileAnswer(process: Process, file: string): HttpAnswer | undefined {
  const { fs } = process.host;
  const read = fs.stat(file)?.kind === "file" ? fs.read(file) : undefined;
  if (read?.ok !== true) return undefined;
  const type = TYPES[file.slice(file.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  const made = answer(200, read.value, [...common(process), { name: "Content-Type", value: type }]);
  const size = read.value.length.toString(16);
  return {
    ...made,
    fields: [
      ...made.fields,
      { name: "Last-Modified", value: "Tue, 28 Oct 2025 12:05:10 GMT" },
      { name: "Connection", value: "keep-alive" },
      { name: "ETag", value: `"6900b176-${size}"` },
      { name: "Accept-Ranges", value: "bytes" },
    ],
  };
}

function staticAnswer(
  process: Process,
  server: Server,
  location: Location | undefined,
  path: string,
): HttpAnswer {
  const scope = [...server.directives, ...(location?.directives ?? [])];
  const root = word(scope, "root") ?? "/etc/nginx/html";
  const alias = word(location?.directives ?? [], "alias");
  const at = (of: string): string =>
    alias === undefined
      ? resolvePath(root, `.${of}`)
      : resolvePath(alias, `./${of.slice(location?.path.length ?? 0)}`);
  const tries = location?.directives.find(({ name }) => name === "try_files")?.words;
  const last = tries?.at(-1) ?? "";
  const wanted =
    tries === undefined ? [path] : tries.slice(0, -1).map((each) => each.replaceAll("$uri", path));
  for (const each of wanted) {
    const found = indexed(process, at(each), each, scope);
    if (found !== undefined) return found;
  }
  if (last.startsWith("=")) return page(process, Number(last.slice(1)));
  if (last !== "") return indexed(process, at(last), last, scope) ?? page(process, 404);
  return page(process, process.host.fs.stat(at(path))?.kind === "directory" ? 403 : 404);
}

function indexed(
  process: Process,
  file: string,
  path: string,
  scope: readonly Directive[],
): HttpAnswer | undefined {
  if (process.host.fs.stat(file)?.kind !== "directory") return fileAnswer(process, file);
  if (!path.endsWith("/")) {
    const moved = page(process, 301);
    return { ...moved, fields: [...moved.fields, { name: "Location", value: `${path}/` }] };
  }
  const names = scope.findLast(({ name }) => name === "index")?.words ?? ["index.html"];
  for (const name of names) {
    const found = fileAnswer(process, `${file}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function* respond(process: Process, config: Config, server: Server, call: HttpCall): Task<HttpAnswer> {
  const path = pathOf(call);
  const location = locate(server, path);
  const own = location?.directives ?? [];
  const returned = [...own, ...server.directives].find(({ name }) => name === "return");
  const extra = own
    .filter(({ name }) => name === "add_header")
    .map(({ words }) => ({ name: words[0] ?? "", value: variables(process, call, words[1] ?? "") }));
  const with_ = (made: HttpAnswer): HttpAnswer => ({ ...made, fields: [...made.fields, ...extra] });
  if (returned !== undefined) {
    const [code = "200", text = ""] = returned.words;
    const status = Number(code);
    const said = variables(process, call, text);
    if (status >= 300 && status < 400) {
      const moved = page(process, status);
      return with_({ ...moved, fields: [...moved.fields, { name: "Location", value: said }] });
    }
    if (text === "" && status >= 400) return with_(page(process, status));
    const type = word([...server.directives, ...own], "default_type") ?? "application/octet-stream";
    return with_(answer(status, said, [...common(process), { name: "Content-Type", value: type }]));
  }
  const target = word(own, "proxy_pass");
  if (target === undefined) return with_(staticAnswer(process, server, location, path));
  const forwarded = yield* forward(process, config, call, target, location?.path ?? "/");
  return with_(
    forwarded === "bad-gateway"
      ? page(process, 502)
      : { ...forwarded, fields: [...common(process), ...forwarded.fields] },
  );
}

/** One port: the server whose name is asked for, else the first. */
function* listen(process: Process, config: Config, port: number): Task<void> {
  const servers = config.servers.filter(({ ports }) => ports.includes(port));
  const handler: HttpHandler = function* (call) {
    const { request, from } = call;
    const host = (request.fields.find(({ name }) => name.toLowerCase() === "host")?.value ?? "").replace(
      /:\d+$/,
      "",
    );
    const server = servers.find(({ names }) => names.includes(host)) ?? servers[0];
    const said = server === undefined ? page(process, 404) : yield* respond(process, config, server, call);
    const agent = request.fields.find(({ name }) => name.toLowerCase() === "user-agent")?.value ?? "-";
    const referer = request.fields.find(({ name }) => name.toLowerCase() === "referer")?.value ?? "-";
    const forwarded =
      request.fields.find(({ name }) => name.toLowerCase() === "x-forwarded-for")?.value ?? "-";
    yield* process.print(
      `${formatAddress(from.address)} - - [${timeLocal(process.host.queue.now)}] "${request.method} ${request.target} ${request.version}" ${said.status} ${said.body.length} "${referer}" "${agent}" "${forwarded}"\n`,
    );
    return said;
  };
  const { socket, error } = listenOn(process, port);
  try {
    if (error !== undefined) {
      const text = error === "address already in use" ? "98: Address already in use" : error;
      yield* process.printError(
        `${errorTime(process.host.queue.now)} [emerg] 1#1: bind() to 0.0.0.0:${port} failed (${text})\n`,
      );
      return;
    }
    yield* serveHttp(process, socket, handler, {
      version: "HTTP/1.1",
      headFirst: false,
      malformed: () => page(process, 400),
    });
  } finally {
    socket.close();
  }
}

const nginx = program(function* (process): Task<number> {
  const words = process.argv.slice(1);
  if (words.includes("-v") || words.includes("-V")) {
    yield* process.printError(`nginx version: nginx/${NGINX_VERSION}\n`);
    return 0;
  }
  const flag = words.indexOf("-c");
  const path = flag < 0 ? "/etc/nginx/nginx.conf" : (words[flag + 1] ?? "");
  const read = readConfig(process, path);
  if (!read.ok) {
    yield* process.printError(
      `${errorTime(process.host.queue.now)} [emerg] 1#1: ${read.error}\nnginx: [emerg] ${read.error}\n`,
    );
    return 1;
  }
  if (words.includes("-t")) {
    yield* process.printError(
      `nginx: the configuration file ${path} syntax is ok\nnginx: configuration file ${path} test is successful\n`,
    );
    return 0;
  }
  const config = configOf(read.value);
  const ports = [...new Set(config.servers.flatMap((server) => server.ports))];
  return yield* together(
    process,
    ports.map((port) => listen(process, config, port)),
  );
});

const entrypoint = program(function* (process): Task<number> {
  const argv = process.argv.slice(1);
  if (argv[0] === "nginx")
    yield* process.print("/docker-entrypoint.sh: Configuration complete; ready for start up\n");
  return yield* runProgram(process, argv);
});

const PROGRAMS: ImageSpec["programs"] = new Map([
  ["nginx", nginx],
  ["nginx-entrypoint", entrypoint],
]);

export const nginxImages: readonly ImageSpec[] = [
  ["docker.io/library/nginx", 80],
  ["docker.io/nginxinc/nginx-unprivileged", 8080],
].map(([repository, port]) => ({
  ...imageOf(
    String(repository),
    PROGRAMS,
    { "/usr/sbin/nginx": "nginx", "/docker-entrypoint.sh": "nginx-entrypoint" },
    ["/docker-entrypoint.sh"],
    ["nginx", "-g", "daemon off;"],
  ),
  files: {
    "/etc/nginx/nginx.conf": NGINX_CONF,
    "/etc/nginx/conf.d/default.conf": NGINX_DEFAULT.replaceAll("{{port}}", String(port)),
    "/usr/share/nginx/html/index.html": NGINX_WELCOME,
    "/usr/share/nginx/html/50x.html": NGINX_50X,
  },
}));
