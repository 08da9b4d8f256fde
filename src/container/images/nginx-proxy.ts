import { concat } from "../../base/bytes.ts";
import type { Task } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import { HttpReader, responseFraming } from "../../userland/http/connection.ts";
import type { HttpAnswer, HttpCall } from "../../userland/http/server.ts";
import { parseUrl } from "../../userland/http/url.ts";
import type { Process } from "../../userland/os/process.ts";
import { resolveHost } from "../../userland/resolver/resolver.ts";
import { connectStream, sendAll } from "../../userland/stream/stream.ts";
import { parseIpv4 } from "../../wire/address.ts";
import { encodeHttp } from "../../wire/http.ts";

const CONNECT_TIMEOUT = seconds(60);
/** Headers of one connection only (RFC 9110, section 7.6.1), and those that are made anew. */
const OWN: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "host",
  "server",
  "date",
  "content-length",
  "transfer-encoding",
]);

interface Upstreams {
  readonly upstreams: ReadonlyMap<string, readonly string[]>;
}

/** How often each upstream was asked: they take turns. */
const turns = new WeakMap<Upstreams, { count: number }>();

/** proxy_pass: the request goes on to another server, by HTTP/1.0 as nginx does it. Models: ngx_http_proxy_module. */
export function* forward(
  process: Process,
  config: Upstreams,
  call: HttpCall,
  target: string,
  location: string,
): Task<HttpAnswer | "bad-gateway"> {
  const url = parseUrl(target);
  if (!url.ok) return "bad-gateway";
  const { host, port = 80, target: base } = url.value;
  const turn = turns.get(config) ?? { count: 0 };
  turns.set(config, turn);
  const group = config.upstreams.get(host);
  const peers = group ?? [`${host}:${port}`];
  const withPath = /^[a-z]+:\/\/[^/]+\//.test(target);
  const path = withPath
    ? base.replace(/\/$/, "") + call.request.target.slice(location.replace(/\/$/, "").length)
    : call.request.target;
  for (let tried = 0; tried < peers.length; tried++) {
    const peer = peers[turn.count++ % peers.length] ?? "";
    const answered = yield* ask(
      process,
      call,
      peer,
      path,
      group === undefined && port === 80 ? host : group === undefined ? peer : host,
    );
    if (answered !== undefined) return answered;
  }
  return "bad-gateway";
}

function* ask(
  process: Process,
  call: HttpCall,
  peer: string,
  path: string,
  host: string,
): Task<HttpAnswer | undefined> {
  const [name = "", port = "80"] = peer.split(":");
  let address = parseIpv4(name);
  if (address === undefined) {
    const found = yield* resolveHost(process, name);
    address = found.ok ? found.value.addresses[0] : undefined;
  }
  if (address === undefined) return undefined;
  const socket = process.net.socket.tcp("nginx");
  try {
    if ((yield* connectStream(socket, { address, port: Number(port) }, CONNECT_TIMEOUT)) !== "connected")
      return undefined;
    const { method, fields } = call.request;
    const kept = fields.filter((field) => !OWN.has(field.name.toLowerCase()));
    const length =
      call.body.length === 0 ? [] : [{ name: "Content-Length", value: String(call.body.length) }];
    const own = [{ name: "Host", value: host }, { name: "Connection", value: "close" }, ...length];
    const head = {
      kind: "request",
      method,
      target: path,
      version: "HTTP/1.0",
      fields: [...own, ...kept],
    } as const;
    yield* sendAll(socket, concat([encodeHttp(head), call.body]));
    const reader = new HttpReader(socket, () => process.host.queue.now);
    const read = yield* reader.head();
    if (!read.ok || read.value.head.kind !== "response") return undefined;
    const response = read.value.head;
    const parts: Uint8Array[] = [];
    yield* reader.body(responseFraming(method, response), function* (piece) {
      parts.push(piece);
    });
    const body = concat(parts);
    const passed = response.fields.filter((field) => !OWN.has(field.name.toLowerCase()));
    return {
      status: response.status,
      reason: response.reason,
      fields: [
        ...passed,
        { name: "Content-Length", value: String(body.length) },
        { name: "Connection", value: "keep-alive" },
      ],
      body,
    };
  } finally {
    socket.close();
  }
}
