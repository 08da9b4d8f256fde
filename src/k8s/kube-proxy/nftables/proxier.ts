import { ok, type Result } from "../../../base/result.ts";
import { parseNft } from "../../../formats/nft/command.ts";
import type { World } from "../../../formats/nft/commands.ts";
import { formatAddress } from "../../../formats/iptables/address.ts";
import type { NetApi, NftType } from "../../../kernel/uapi/index.ts";
import { type Nanos, seconds } from "../../../sim/time.ts";
import { namesOf } from "../../../userland/nft/world.ts";
import { IPV4_LOOPBACK } from "../../../wire/address.ts";
import type { Backed, Proxier, ProxyConfig, Wanted } from "../proxier.ts";
import type { ServicePort } from "../service-port.ts";
import { setup } from "./fixed.ts";
import { TABLE } from "./names.ts";
import { type Element, serviceObjects, type ServiceObjects } from "./service-objects.ts";

/** Kernels before 6.2 do not let go of a chain at once that an element of a map has just pointed at. */
const STALE_FOR = seconds(1);
/** syncPeriod: when what was left over is looked at again although nothing happened. */
const SYNC_PERIOD = seconds(30);

/** What the table should hold, apart from what is always there. */
interface Contents {
  /** Elements by `set key`. */
  readonly elements: Map<string, Element>;
  readonly affinity: Map<string, number>;
  readonly chains: Map<string, readonly string[]>;
}

function empty(): Contents {
  return { elements: new Map(), affinity: new Map(), chains: new Map() };
}

/** Keeps the table `kube-proxy` as the services want it. Models: (*Proxier).syncProxyRules of pkg/proxy/nftables. */
export class NftablesProxier implements Proxier {
  private readonly config: ProxyConfig;
  private readonly net: NetApi;
  private written = empty();
  private begun = false;
  /** The range of ClusterIPs that the fixed rules were written for. */
  private cidrs = "";
  /** Chains that nobody needs any more: empty, and to be deleted later. */
  private readonly stale = new Map<string, Nanos>();
  private readonly cache = new Map<ServicePort, Backed & { readonly objects: ServiceObjects }>();

  constructor(config: ProxyConfig, net: NetApi) {
    this.config = config;
    this.net = net;
  }

  get due(): Nanos | undefined {
    const [first] = this.stale.values();
    return first === undefined ? undefined : ((first + SYNC_PERIOD) as Nanos);
  }

  /** One transaction with what changed; when it is refused, somebody has changed the table: one that makes it anew. */
  sync(wanted: Wanted): Result<void, string> {
    const contents = this.contents(wanted);
    const cidrs = JSON.stringify(wanted.serviceCidrs);
    if (cidrs !== this.cidrs) this.begun = false;
    this.cidrs = cidrs;
    if (this.begun && this.run(this.change(contents, wanted.now)).ok) {
      this.written = contents;
      return ok();
    }
    this.written = empty();
    this.stale.clear();
    const done = this.run([...setup(this.config, wanted), ...this.change(contents, wanted.now)]);
    this.begun = done.ok;
    if (done.ok) this.written = contents;
    return done;
  }

  private contents({ backed, nodeAddresses }: Wanted): Contents {
    const contents = empty();
    if (this.config.nodePortAddresses.length > 0) {
      for (const address of nodeAddresses) {
        const loopback = typeof address === "number" && address >>> 24 === IPV4_LOOPBACK >>> 24;
        if (!loopback) add(contents, { set: "nodeport-ips", key: formatAddress(address) });
      }
    }
    const seen = new Set<ServicePort>();
    for (const one of backed) {
      seen.add(one.port);
      const { elements, affinity, chains } = this.objectsOf(one);
      for (const element of elements) add(contents, element);
      for (const [name, timeout] of affinity) contents.affinity.set(name, timeout);
      for (const [name, rules] of chains) contents.chains.set(name, rules);
    }
    for (const port of this.cache.keys()) if (!seen.has(port)) this.cache.delete(port);
    return contents;
  }

  private objectsOf(backed: Backed): ServiceObjects {
    const known = this.cache.get(backed.port);
    if (known?.endpoints === backed.endpoints) return known.objects;
    const objects = serviceObjects(this.config, backed);
    this.cache.set(backed.port, { ...backed, objects });
    return objects;
  }

  /** The commands that lead from what is written to what is wanted. */
  private change(contents: Contents, now: Nanos): string[] {
    const { written } = this;
    const at = `${this.config.family} ${TABLE}`;
    const address = this.config.family === "ip" ? "ipv4_addr" : "ipv6_addr";
    const lines: string[] = [];
    for (const [name, timeout] of contents.affinity) {
      if (written.affinity.get(name) === timeout) continue;
      lines.push(`add set ${at} ${name} { type ${address} ; flags dynamic,timeout ; timeout ${timeout}s ; }`);
    }
    const fresh = [...contents.chains].filter(([name, rules]) => !same(written.chains.get(name), rules));
    for (const [name] of fresh) {
      lines.push(`add chain ${at} ${name}`);
      if (written.chains.has(name) || this.stale.has(name)) lines.push(`flush chain ${at} ${name}`);
      this.stale.delete(name);
    }
    for (const [name, rules] of fresh) for (const rule of rules) lines.push(`add rule ${at} ${name} ${rule}`);
    for (const [id, { set, key }] of written.elements)
      if (!same(contents.elements.get(id), written.elements.get(id)))
        lines.push(`delete element ${at} ${set} { ${key} }`);
    for (const [id, element] of contents.elements)
      if (!same(written.elements.get(id), element))
        lines.push(`add element ${at} ${element.set} { ${elementText(element)} }`);
    return [...lines, ...this.leave(contents, now)];
  }

  /** What nobody needs any more is emptied now, and deleted when it has been so for a while. */
  private leave(contents: Contents, now: Nanos): string[] {
    const at = `${this.config.family} ${TABLE}`;
    const lines: string[] = [];
    for (const name of this.written.chains.keys()) {
      if (contents.chains.has(name)) continue;
      lines.push(`flush chain ${at} ${name}`);
      this.stale.set(name, now);
    }
    for (const [name, since] of this.stale) {
      if (now - since < STALE_FOR) continue;
      lines.push(`delete chain ${at} ${name}`);
      this.stale.delete(name);
    }
    for (const name of this.written.affinity.keys())
      if (!contents.affinity.has(name)) lines.push(`delete set ${at} ${name}`);
    return lines;
  }

  /** nft -f -. */
  private run(lines: readonly string[]): Result<void, string> {
    if (lines.length === 0) return ok();
    const commands = parseNft(lines.join("\n"), this.world());
    const steps = commands.flatMap((command) => (command.kind === "change" ? command.steps : []));
    const done = this.net.nft.commit(steps);
    if (done.ok) return ok();
    return { ok: false, error: `${done.error.errno} in step ${done.error.step}` };
  }

  /** The parser asks what the keys of a set are. */
  private world(): World {
    const address: NftType = this.config.family === "ip" ? "ipv4_addr" : "ipv6_addr";
    const key: readonly NftType[] = [address, "inet_proto", "inet_service"];
    return {
      names: namesOf(this.net),
      set: (_family, _table, name) => {
        if (name === "hairpin-connections") return { key: [address, ...key] };
        if (name === "cluster-ips" || name === "nodeport-ips" || name.startsWith("affinity-"))
          return { key: [address] };
        return { key: name.endsWith("-nodeports") ? key.slice(1) : key, data: "verdict" };
      },
      absent: () => undefined,
      hint: () => undefined,
      ruleAt: () => undefined,
    };
  }
}

function add(contents: Contents, element: Element): void {
  contents.elements.set(`${element.set} ${element.key}`, element);
}

function elementText({ key, comment, verdict }: Element): string {
  const said = comment === undefined ? "" : ` comment "${comment}"`;
  return verdict === undefined ? key : `${key}${said} : ${verdict}`;
}

/** Objects of services that did not change are the same. */
function same<T>(a: T | undefined, b: T | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
