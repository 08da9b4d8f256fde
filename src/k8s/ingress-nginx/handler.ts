import type { Exchange } from "../../container/servers/nginx/exchange.ts";
import { secondsText, timeLocal } from "../../container/servers/nginx/clock.ts";
import { proxyPass, type Tried } from "../../container/servers/nginx/proxy.ts";
import { type KeepalivePool, peerText } from "../../container/servers/nginx/upstream.ts";
import { goErrno } from "../../container/errno.ts";
import type { Errno } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import type { Process } from "../../userland/os/process.ts";
import { inPrefix, type Ipv4Prefix, parseIpv4 } from "../../wire/address.ts";
import type { HttpField } from "../../wire/http.ts";
import { formatAddress } from "../../wire/ip-address.ts";
import type { Balancers } from "./balancer.ts";
import type { Settings } from "./config.ts";
import { type Configuration, DEFAULT_SERVER, type Location, type Server } from "./model.ts";
import { chooseLocation, chooseServer, hostOf, normalize, regexMode, rewritten } from "./routing.ts";

/** What the workers of nginx run with; a reload replaces it. */
export interface Running {
  readonly configuration: Configuration;
  readonly settings: Settings;
}

export interface HandlerOptions {
  readonly process: Process;
  readonly running: () => Running;
  readonly balancers: Balancers;
  readonly pool: () => KeepalivePool;
  readonly healthPath: string;
}

/** What the access log says of a request besides the exchange itself. */
interface Story {
  readonly client: string;
  readonly id: string;
  backend: string;
  alternative: string;
  tried: readonly Tried[];
  logged: boolean;
}

/** musl's words. */
const MUSL: Readonly<Partial<Record<Errno, string>>> = {
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  EHOSTUNREACH: "Host is unreachable",
  ENETUNREACH: "Network unreachable",
  ETIMEDOUT: "Operation timed out",
  EPIPE: "Broken pipe",
  EACCES: "Permission denied",
};

const HEX = "0123456789abcdef";

/** Answers requests as nginx does with the configuration that the controller writes for it. Models: nginx.tmpl and its Lua. */
export class Handler {
  private readonly options: HandlerOptions;

  constructor(options: HandlerOptions) {
    this.options = options;
  }

  *handle(exchange: Exchange): Task<void> {
    const { settings } = this.options.running();
    const story: Story = {
      client: this.clientOf(exchange, settings),
      id: exchange.header("X-Request-ID") || this.options.process.host.random.text(32, HEX),
      backend: "-",
      alternative: "",
      tried: [],
      logged: true,
    };
    yield* this.answer(exchange, story);
    if (story.logged) yield* this.log(exchange, story);
  }

  private clientOf(exchange: Exchange, settings: Settings): string {
    const [first = ""] = exchange.header("X-Forwarded-For").split(",");
    const own = formatAddress(exchange.request.from.address);
    return settings.useForwardedHeaders && first.trim() !== "" ? first.trim() : own;
  }

  private *answer(exchange: Exchange, story: Story): Task<void> {
    const { head } = exchange.request;
    const { configuration } = this.options.running();
    const header = exchange.header("Host");
    const uri = normalize(head.target);
    if ((header === "" && head.version === "HTTP/1.1") || uri === undefined) return yield* exchange.page(400);
    const server = chooseServer(configuration.servers, hostOf(header));
    if (server === undefined) return yield* exchange.page(404);
    if (server.hostname === DEFAULT_SERVER && !regexMode(server)) {
      if (uri.startsWith(this.options.healthPath)) {
        story.logged = false;
        return yield* exchange.reply(200, "text/html", "");
      }
      if (uri.startsWith("/nginx_status")) return yield* exchange.page(403);
    }
    const chosen = chooseLocation(server, uri);
    if (chosen === undefined) return yield* exchange.page(404);
    if (chosen.kind === "slash") {
      const query = /\?.*$/.exec(head.target)?.[0] ?? "";
      const name = hostOf(header) || server.hostname;
      return yield* redirect(exchange, 301, `${exchange.request.scheme}://${name}${uri}/${query}`);
    }
    yield* this.inLocation(exchange, story, server, chosen.location, uri);
  }

  /** The phases in nginx's order: rewrite, redirect to TLS, balancer, access, content. */
  private *inLocation(
    exchange: Exchange,
    story: Story,
    server: Server,
    location: Location,
    uri: string,
  ): Task<void> {
    const { settings } = this.options.running();
    const { annotations, backend } = location;
    story.backend = backend;
    story.logged =
      server.hostname === DEFAULT_SERVER && location.ingress === ""
        ? settings.defaultBackendLog
        : annotations.accessLog;
    const { head, scheme } = exchange.request;
    const host = exchange.header("Host");
    if (scheme === "https" && settings.hsts !== "") exchange.add("Strict-Transport-Security", settings.hsts);
    if (annotations.appRoot !== "" && uri === "/")
      return yield* redirect(exchange, 302, `${scheme}://${host}${annotations.appRoot}`);
    if (annotations.refused.length > 0) return yield* exchange.page(503);
    if (annotations.redirect !== undefined)
      return yield* redirect(exchange, annotations.redirect.code, annotations.redirect.url);
    const target = rewritten(location, head.target, uri);
    if ("url" in target) return yield* redirect(exchange, 302, target.url);
    if (this.wantsTls(exchange, server, location)) return yield* this.toTls(exchange, location);
    const route = this.options.balancers.route(exchange, backend, location.path);
    if (route === undefined) return yield* exchange.page(503);
    story.alternative = route.alternative;
    if (!allowed(story.client, annotations.allow, annotations.deny)) return yield* exchange.page(403);
    const { process } = this.options;
    if (route.cookie !== undefined) exchange.add("Set-Cookie", route.cookie);
    story.tried = yield* proxyPass(exchange, {
      process,
      pool: this.options.pool(),
      next: route.next,
      target: target.target,
      set: this.headers(exchange, story, location),
      tries: annotations.tries,
      connectTimeout: annotations.connectTimeout,
      readTimeout: annotations.readTimeout,
      nextOn: annotations.nextUpstream,
      version: "HTTP/1.1",
      serverName: server.hostname,
      errnoText: (errno) => MUSL[errno] ?? goErrno({ errno }),
    });
  }

  private schemeOf(exchange: Exchange): string {
    const { settings } = this.options.running();
    const said = settings.useForwardedHeaders ? exchange.header("X-Forwarded-Proto") : "";
    return said || exchange.request.scheme;
  }

  /** Models: lua_ingress.lua redirect_to_https. */
  private wantsTls(exchange: Exchange, server: Server, { annotations }: Location): boolean {
    if (this.schemeOf(exchange) !== "http") return false;
    if (annotations.forceSslRedirect) return true;
    return annotations.sslRedirect && server.certificate !== undefined && server.hostname !== DEFAULT_SERVER;
  }

  private *toTls(exchange: Exchange, { annotations }: Location): Task<void> {
    const { target } = exchange.request.head;
    const bare = !annotations.preserveTrailingSlash && target.endsWith("/") ? target.slice(0, -1) : target;
    const [host = ""] = exchange.header("Host").split(":");
    yield* redirect(exchange, this.options.running().settings.redirectCode, `https://${host}${bare}`);
  }

  /** What the server behind is told, in the order of nginx.tmpl. */
  private headers(
    exchange: Exchange,
    { client, id }: Story,
    { annotations }: Location,
  ): readonly HttpField[] {
    const { settings } = this.options.running();
    const forwarded = settings.useForwardedHeaders;
    const host = (forwarded && exchange.header("X-Forwarded-Host").split(",")[0]) || exchange.header("Host");
    const port = (forwarded && exchange.header("X-Forwarded-Port")) || String(exchange.request.to.port);
    const scheme = this.schemeOf(exchange);
    const before = exchange.header("X-Forwarded-For");
    const own = formatAddress(exchange.request.from.address);
    const full = before === "" ? own : `${before}, ${own}`;
    return [
      {
        name: "X-Forwarded-Prefix",
        value: annotations.rewriteTarget === "" ? "" : annotations.forwardedPrefix,
      },
      { name: "Host", value: annotations.upstreamVhost || host },
      { name: "X-Request-ID", value: id },
      { name: "X-Real-IP", value: client },
      { name: "X-Forwarded-For", value: forwarded && settings.computeFullForwardedFor ? full : client },
      { name: "X-Forwarded-Host", value: host },
      { name: "X-Forwarded-Port", value: port },
      { name: "X-Forwarded-Proto", value: scheme },
      { name: "X-Forwarded-Scheme", value: scheme },
      { name: "X-Scheme", value: scheme },
      { name: "X-Original-Forwarded-For", value: before },
      { name: "X-Original-Forwarded-Host", value: exchange.header("X-Forwarded-Host") },
      { name: "Proxy", value: "" },
    ].filter(({ name }) => name !== "X-Forwarded-Prefix" || annotations.forwardedPrefix !== "");
  }

  /** log-format-upstream. */
  private *log(exchange: Exchange, story: Story): Task<void> {
    const { request } = exchange;
    const { now } = this.options.process.host.queue;
    const { method, target, version } = request.head;
    const list = (of: (tried: Tried) => string): string => story.tried.map(of).join(", ") || "-";
    const header = (name: string): string => exchange.header(name) || "-";
    yield* this.options.process.print(
      `${story.client} - - [${timeLocal(now)}] "${method} ${target} ${version}" ${exchange.status} ${exchange.bodyBytes} ` +
        `"${header("Referer")}" "${header("User-Agent")}" ${request.length} ${secondsText(now - request.began)} ` +
        `[${story.backend}] [${story.alternative}] ${list(({ peer }) => peerText(peer))} ${list(({ bytes }) => String(bytes))} ` +
        `${list(({ span }) => secondsText(span))} ${list(({ status }) => String(status))} ${story.id}\n`,
    );
  }
}

function* redirect(exchange: Exchange, status: number, url: string): Task<void> {
  yield* exchange.page(status, [{ name: "Location", value: url }]);
}

function allowed(client: string, allow: readonly Ipv4Prefix[], deny: readonly Ipv4Prefix[]): boolean {
  if (allow.length === 0 && deny.length === 0) return true;
  const address = parseIpv4(client);
  if (address === undefined) return allow.length === 0;
  const within = (ranges: readonly Ipv4Prefix[]): boolean =>
    ranges.some((range) => inPrefix(address, range.address, range.length));
  return !within(deny) && (allow.length === 0 || within(allow));
}
