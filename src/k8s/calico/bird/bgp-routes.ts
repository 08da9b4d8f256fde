import type { Nanos } from "../../../sim/time.ts";
import { formatPrefix, type Ipv4 } from "../../../wire/address.ts";
import type { BgpNlri, BgpUpdate } from "../../../wire/bgp.ts";
import { type BgpPath, readBgpPath, writeBgpPath } from "../../../wire/bgp-path.ts";
import type { Agreement } from "./bgp-connection.ts";
import { exportPath, samePath } from "./bgp-export.ts";
import type { BgpConfig, BirdConfig } from "./config.ts";
import { runFilter } from "./filter.ts";
import { filterInput } from "./kernel.ts";
import type { Destination, Route, RouteTable } from "./table.ts";

/** How many prefixes an UPDATE takes: 9 bytes each, with a path identifier, in 4096. */
const NLRI_PER_UPDATE = 400;

/** A path told to the neighbour, under its prefix and path identifier. */
interface Told {
  readonly nlri: BgpNlri;
  readonly path: BgpPath;
}

const keyOf = ({ prefix, pathId }: BgpNlri): string => `${formatPrefix(prefix)} ${pathId ?? 0}`;

/** The routes of one session, in and out. */
export class BgpRoutes {
  private readonly table: RouteTable;
  private readonly routerId: Ipv4;
  private readonly pathIdOf: (protocol: string) => number;
  private config: BgpConfig | undefined;
  private bird: BirdConfig | undefined;
  private told = new Map<string, Told>();
  private dirty = new Set<string>();

  constructor(table: RouteTable, routerId: Ipv4, pathIdOf: (protocol: string) => number) {
    this.table = table;
    this.routerId = routerId;
    this.pathIdOf = pathIdOf;
  }

  configure(config: BgpConfig, bird: BirdConfig): void {
    this.config = config;
    this.bird = bird;
  }

  get exported(): number {
    return this.told.size;
  }

  get imported(): readonly Route[] {
    return this.config === undefined ? [] : this.table.of(this.config.name);
  }

  isTold(net: string): boolean {
    return [...this.told.values()].some(({ nlri }) => formatPrefix(nlri.prefix) === net);
  }

  /** A new session: everything is to be told. */
  begin(): void {
    this.told = new Map();
    this.changedAll();
  }

  changed(net: string): void {
    this.dirty.add(net);
  }

  changedAll(): void {
    for (const net of this.table.keys()) this.dirty.add(net);
    for (const { nlri } of this.told.values()) this.dirty.add(formatPrefix(nlri.prefix));
  }

  /** The UPDATEs that bring the neighbour up to date: withdrawals first, then each path with its prefixes. */
  pending(local: Ipv4, agreement: Agreement): readonly BgpUpdate[] {
    const { config, bird } = this;
    if (config === undefined || bird === undefined) return [];
    const withdrawn: BgpNlri[] = [];
    const groups: { path: BgpPath; nlri: BgpNlri[] }[] = [];
    for (const net of this.dirty) {
      const wanted = new Map<string, Told>();
      for (const route of agreement.addPathSend
        ? this.table.routes(net)
        : this.table.routes(net).slice(0, 1)) {
        const path = exportPath({ config, bird, local }, this.routerId, route);
        if (path === undefined) continue;
        const pathId = agreement.addPathSend ? { pathId: this.pathIdOf(route.protocol) } : {};
        const nlri = { prefix: route.net, ...pathId };
        wanted.set(keyOf(nlri), { nlri, path });
      }
      for (const [key, old] of this.told)
        if (formatPrefix(old.nlri.prefix) === net && !wanted.has(key)) {
          withdrawn.push(old.nlri);
          this.told.delete(key);
        }
      for (const [key, now] of wanted) {
        if (samePath(this.told.get(key)?.path, now.path)) continue;
        this.told.set(key, now);
        const group = groups.find(({ path }) => samePath(path, now.path));
        if (group === undefined) groups.push({ path: now.path, nlri: [now.nlri] });
        else group.nlri.push(now.nlri);
      }
    }
    this.dirty = new Set();
    return [
      ...chunks(withdrawn).map((list): BgpUpdate => ({
        type: "update",
        withdrawn: list,
        attributes: [],
        nlri: [],
      })),
      ...groups.flatMap(({ path, nlri }) =>
        chunks(nlri).map((list): BgpUpdate => ({
          type: "update",
          withdrawn: [],
          attributes: writeBgpPath(path, agreement.as4 ? 4 : 2),
          nlri: list,
        })),
      ),
    ];
  }

  /** Takes an UPDATE in; false when its attributes cannot be read. */
  receive(update: BgpUpdate, agreement: Agreement, now: Nanos): boolean {
    const { config } = this;
    if (config === undefined) return true;
    for (const { prefix, pathId } of update.withdrawn) this.table.delete(config.name, prefix, pathId ?? 0);
    if (update.nlri.length === 0) return true;
    const path = readBgpPath(update.attributes, agreement.as4 ? 4 : 2);
    if (path === undefined) return false;
    for (const nlri of update.nlri) this.import(config, nlri, path, agreement, now);
    return true;
  }

  /** A path that came back to us: RFC 4271 section 9.1.2, RFC 4456 section 8. */
  private loops(config: BgpConfig, path: BgpPath): boolean {
    return (
      path.asPath.includes(config.localAs) ||
      path.originatorId === this.routerId ||
      path.clusterList.includes(config.rrClusterId ?? this.routerId)
    );
  }

  private import(
    config: BgpConfig,
    { prefix, pathId = 0 }: BgpNlri,
    path: BgpPath,
    agreement: Agreement,
    now: Nanos,
  ): void {
    const internal = config.localAs === config.neighborAs;
    const route: Route = {
      net: prefix,
      protocol: config.name,
      pathId,
      preference: 100,
      source: "RTS_BGP",
      destination: this.resolve(path.nextHop),
      learnt: {
        path: internal ? path : { ...path, localPref: 100 },
        internal,
        client: config.rrClient,
        neighbor: config.neighbor,
        neighborId: agreement.id,
        stale: false,
      },
      since: now,
    };
    const filter = config.importFilter;
    const accepted =
      !this.loops(config, path) &&
      this.bird !== undefined &&
      runFilter(filter, filterInput(route), this.bird.functions).accepted;
    if (accepted) this.table.set(route);
    else this.table.delete(config.name, prefix, pathId);
  }

  /** The way to a next hop: itself where it is on the link, else the gateway of the route to it (`gateway recursive`). */
  private resolve(nextHop: Ipv4): Destination {
    const route = this.table.lookUp(nextHop);
    switch (route?.destination.kind) {
      case "device":
        return { kind: "gateway", via: nextHop, dev: route.destination.dev };
      case "gateway":
        return route.destination;
      default:
        return { kind: "unreachable" };
    }
  }

  /** Next hops may be reached another way now. */
  resolveAgain(): void {
    for (const route of this.imported) {
      if (route.learnt === undefined) continue;
      const destination = this.resolve(route.learnt.path.nextHop);
      if (JSON.stringify(destination) !== JSON.stringify(route.destination))
        this.table.set({ ...route, destination });
    }
  }

  markStale(): void {
    for (const route of this.imported)
      if (route.learnt !== undefined) this.table.set({ ...route, learnt: { ...route.learnt, stale: true } });
  }

  flushStale(): void {
    if (this.config !== undefined)
      this.table.flush(this.config.name, (route) => route.learnt?.stale === true);
  }

  flush(): void {
    if (this.config !== undefined) this.table.flush(this.config.name);
    this.told = new Map();
  }
}

function chunks<T>(list: readonly T[]): readonly (readonly T[])[] {
  const out: (readonly T[])[] = [];
  for (let at = 0; at < list.length; at += NLRI_PER_UPDATE) out.push(list.slice(at, at + NLRI_PER_UPDATE));
  return out;
}
