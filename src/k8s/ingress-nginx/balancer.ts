import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { utf8Encode } from "../../base/utf8.ts";
import type { Exchange } from "../../container/servers/nginx/exchange.ts";
import { type Peer, peerText } from "../../container/servers/nginx/upstream.ts";
import type { Random } from "../../sim/random.ts";
import { patternOf } from "./routing.ts";
import type { Backend } from "./model.ts";

/** The servers of one backend in turn, the first by lot. Models: lua-resty-balancer's roundrobin with equal weights. */
class RoundRobin {
  backend: Backend;
  private last: string | undefined;

  constructor(backend: Backend, random: Random) {
    this.backend = backend;
    const peer = backend.peers[random.below(Math.max(1, backend.peers.length))];
    this.last = peer === undefined ? undefined : peerText(peer);
  }

  next(): Peer | undefined {
    const { peers } = this.backend;
    const at = peers.findIndex((peer) => peerText(peer) === this.last);
    const peer = peers[(at + 1) % Math.max(1, peers.length)];
    if (peer !== undefined) this.last = peerText(peer);
    return peer;
  }
}

const cookieOf = (exchange: Exchange, name: string): string | undefined =>
  exchange
    .header("Cookie")
    .split(/;\s*/)
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);

const digest = (text: string): string => bytesToHex(sha256(utf8Encode(text)));

/** Where one request goes. */
export interface Route {
  readonly next: () => Peer | undefined;
  /** The canary's name, for the log. */
  readonly alternative: string;
  readonly cookie?: string;
}

/** What nginx's Lua keeps of the backends. Models: rootfs/etc/nginx/lua/balancer.lua. */
export class Balancers {
  private balancers = new Map<string, RoundRobin>();
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** Backends without servers have no balancer. */
  sync(backends: ReadonlyMap<string, Backend>): void {
    const next = new Map<string, RoundRobin>();
    for (const [name, backend] of backends) {
      if (backend.peers.length === 0) continue;
      const balancer = this.balancers.get(name) ?? new RoundRobin(backend, this.random);
      balancer.backend = backend;
      next.set(name, balancer);
    }
    this.balancers = next;
  }

  route(exchange: Exchange, name: string, path: string): Route | undefined {
    const primary = this.balancers.get(name);
    if (primary === undefined) return undefined;
    const canary = this.balancers.get(primary.backend.alternatives[0] ?? "");
    const chosen = canary !== undefined && this.takesCanary(exchange, canary.backend) ? canary : primary;
    const alternative = chosen === canary ? chosen.backend.name : "";
    const { cookie } = chosen.backend;
    if (cookie === undefined) return { next: () => chosen.next(), alternative };
    return { ...this.sticky(exchange, chosen.backend, cookie, path), alternative };
  }

  /** Models: route_to_alternative_balancer. */
  private takesCanary(exchange: Exchange, { shaping }: Backend): boolean {
    if (shaping === undefined) return false;
    const { header, headerValue, headerPattern, cookie, weight, weightTotal } = shaping;
    const said = header === "" ? "" : exchange.header(header);
    if (said !== "") {
      if (headerValue !== "") {
        if (said === headerValue) return true;
      } else if (headerPattern !== "") {
        if (patternOf(headerPattern)?.test(said) === true) return true;
      } else if (said === "always" || said === "never") return said === "always";
    }
    const kept = cookie === "" ? undefined : cookieOf(exchange, cookie);
    if (kept === "always" || kept === "never") return kept === "always";
    return this.random.below(Math.max(100, weightTotal)) < weight;
  }

  /** The server that the cookie's key hashes to; another when that fails. Models: balancer/sticky_balanced.lua. */
  private sticky(
    exchange: Exchange,
    backend: Backend,
    cookie: NonNullable<Backend["cookie"]>,
    path: string,
  ): Omit<Route, "alternative"> {
    const own = digest(backend.name).slice(0, 32);
    const [given, of] = cookieOf(exchange, cookie.name)?.split("|") ?? [];
    const known = given !== undefined && (of === undefined || of === own) ? given : undefined;
    const fresh = `${this.random.below(1_000_000_000)}.${this.random.below(1000)}.${this.random.below(1_000_000)}`;
    const key = known ?? fresh;
    const ranked = backend.peers
      .map((peer) => ({ peer, rank: digest(`${key} ${peerText(peer)}`) }))
      .toSorted((a, b) => (a.rank < b.rank ? -1 : 1));
    let at = 0;
    const next = (): Peer | undefined => ranked[at++]?.peer;
    if (known !== undefined) return { next };
    const life = cookie.maxAge === "" ? "" : `; Max-Age=${cookie.maxAge}`;
    const secure = exchange.request.scheme === "https" ? "; Secure" : "";
    return {
      next,
      cookie: `${cookie.name}=${key}|${own}${life}; Path=${cookie.path || path}${secure}; HttpOnly`,
    };
  }
}
