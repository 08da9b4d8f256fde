// The network that a random lab builds, and the script lines that build it: every line stands for itself, so that
// a shrunk script still runs.
import { Random } from "../../../src/sim/random.ts";

/** What a seed makes. Every line is a statement of its own: the shrinker leaves out lines. */
export interface RandomLab {
  readonly seed: number;
  readonly setup: readonly string[];
  readonly probe: readonly string[];
}

export interface Interface {
  readonly node: Node;
  readonly device: string;
  readonly mac: string;
  readonly address: number;
  readonly segment: Segment;
}

/** A named netns with a stack of its own; switches are no nodes. */
export interface Node {
  readonly name: string;
  readonly forwards: boolean;
  readonly interfaces: Interface[];
}

/** One broadcast domain with one subnet. `ports` are the bridge and its ports, where it has one. */
export interface Segment {
  readonly base: number;
  readonly length: number;
  readonly members: Interface[];
  readonly bridge?: { readonly netns: string; readonly device: string; readonly ports: string[] };
}

export const addressText = (address: number): string =>
  [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
export const subnetText = (segment: Segment): string => `${addressText(segment.base)}/${segment.length}`;
export const broadcastOf = (segment: Segment): number =>
  (segment.base | (2 ** (32 - segment.length) - 1)) >>> 0;

/** Draws with a purpose. */
export class Chance {
  private readonly random: Random;
  constructor(seed: number) {
    this.random = new Random(seed);
  }
  below(limit: number): number {
    return this.random.below(limit);
  }
  /** Both ends included. */
  between(low: number, high: number): number {
    return low + this.random.below(high - low + 1);
  }
  happens(probability: number): boolean {
    return this.random.unit() < probability;
  }
  pick<T>(from: readonly T[]): T {
    const chosen = from[this.random.below(from.length)];
    if (chosen === undefined) throw new Error("nothing to pick from");
    return chosen;
  }
  /** A word for a line, now and then: with its leading blank, or nothing. */
  maybe(probability: number, word: () => string): string {
    return this.happens(probability) ? ` ${word()}` : "";
  }
  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    const out: T[] = [];
    while (rest.length > 0) out.push(...rest.splice(this.random.below(rest.length), 1));
    return out;
  }
}

const subnetPool = (draft: Draft): { base: number; length: number } => {
  const { chance, segments } = draft;
  const n = segments.length + 1;
  const octet = (n * 16 + chance.below(16)) & 255;
  const length = chance.pick([24, 24, 24, 16, 28, 30, 20]);
  const first = chance.pick([
    (10 << 24) | (octet << 16) | (chance.below(256) << 8),
    (192 << 24) | (168 << 16) | (octet << 8),
    (172 << 24) | ((16 + (octet >> 4)) << 16) | (chance.below(256) << 8),
  ]);
  const mask = (0xffffffff << (32 - length)) >>> 0;
  return { base: (first & mask) >>> 0, length };
};

/** Collects lines and keeps the network in mind. */
export class Draft {
  readonly chance: Chance;
  readonly setup: string[] = [];
  readonly probe: string[] = [];
  readonly nodes: Node[] = [];
  readonly segments: Segment[] = [];
  /** Addresses beyond the interfaces' own that are worth a probe: secondary ones, services. */
  readonly extraTargets: string[] = [];
  /** Questions about what feature groups set up. */
  readonly listings: (() => string)[] = [];
  /** Commands of feature groups whose traffic is over in a slot. */
  readonly extraProbes: (() => string)[] = [];
  private readonly asksBack: boolean;
  private macs = 0;
  private switches = 0;

  constructor(chance: Chance) {
    this.chance = chance;
    this.asksBack = chance.happens(0.1);
  }

  get interfaces(): Interface[] {
    return this.nodes.flatMap((node) => node.interfaces);
  }
  get routers(): Node[] {
    return this.nodes.filter((node) => node.forwards);
  }
  get bridges(): NonNullable<Segment["bridge"]>[] {
    return this.segments.flatMap((segment) => segment.bridge ?? []);
  }

  mac(): string {
    const n = ++this.macs;
    return `02:00:00:00:${(n >> 8).toString(16).padStart(2, "0")}:${(n & 255).toString(16).padStart(2, "0")}`;
  }

  node(name: string, forwards = false): Node {
    const node: Node = { name, forwards, interfaces: [] };
    this.nodes.push(node);
    this.setup.push(`ns ${name}`);
    if (forwards) this.setup.push(`fwd ${name}`);
    return node;
  }

  /** A subnet for `members`, over a veth pair, a switch in a netns of its own, or a bridge in the first of them. */
  segment(members: readonly Node[], kind?: "veth" | "switch" | "hosted"): Segment {
    const how =
      kind ??
      (members.length === 2
        ? this.chance.pick(["veth", "veth", "switch", "hosted"] as const)
        : this.chance.pick(["switch", "hosted"] as const));
    let subnet = subnetPool(this);
    while (2 ** (32 - subnet.length) - 2 < members.length + (how === "veth" ? 0 : 2))
      subnet = subnetPool(this);
    const netns =
      how === "hosted" ? members[0]?.name : how === "switch" ? `sw${String(++this.switches)}` : undefined;
    const device = how === "hosted" ? `br${String(this.segments.length)}` : "br0";
    const segment: Segment = {
      ...subnet,
      members: [],
      ...(netns === undefined ? {} : { bridge: { netns, device, ports: [] } }),
    };
    this.segments.push(segment);
    if (how === "switch") this.setup.push(`ns ${netns ?? ""}`);
    if (segment.bridge) this.setup.push(`br ${segment.bridge.netns} ${device} ${this.mac()}`);
    if (how === "veth") this.wirePair(members, segment);
    else for (const [i, node] of members.entries()) this.plug(node, segment, how === "hosted" && i === 0);
    for (const end of segment.members) this.addAddress(end);
    return segment;
  }

  /** Mostly nobody asks back five seconds after a contact: the kernel does it up to half a second late. */
  addAddress(end: Interface): void {
    const { device, node, segment } = end;
    this.setup.push(
      `ip -n ${node.name} addr add ${addressText(end.address)}/${String(segment.length)} dev ${device}`,
    );
    const name = `net.ipv4.neigh.${device}.delay_first_probe_time`;
    if (!this.asksBack) this.setup.push(`ip netns exec ${node.name} sysctl -qw ${name}=60`);
  }

  private join(node: Node, segment: Segment, device: string, mac: string): Interface {
    const taken = new Set(segment.members.map((member) => member.address));
    const hosts = Math.min(2 ** (32 - segment.length) - 2, 250);
    let address = segment.base + 1 + this.chance.below(hosts);
    while (taken.has(address)) address = segment.base + 1 + this.chance.below(hosts);
    const end: Interface = { node, device, mac, address, segment };
    node.interfaces.push(end);
    segment.members.push(end);
    return end;
  }

  private wirePair(members: readonly Node[], segment: Segment): void {
    const [left, right] = members;
    if (left === undefined || right === undefined) throw new Error("a veth pair has two ends");
    const a = this.join(left, segment, `eth${String(left.interfaces.length)}`, this.mac());
    const b = this.join(right, segment, `eth${String(right.interfaces.length)}`, this.mac());
    this.setup.push(`wire ${left.name} ${a.device} ${a.mac} ${right.name} ${b.device} ${b.mac}`);
  }

  private plug(node: Node, segment: Segment, isBridge: boolean): void {
    const { bridge } = segment;
    if (bridge === undefined) throw new Error("a plug needs a bridge");
    if (isBridge) {
      this.join(node, segment, bridge.device, "");
      return;
    }
    const end = this.join(node, segment, `eth${String(node.interfaces.length)}`, this.mac());
    const port = `v${String(this.segments.length)}${node.name}`;
    bridge.ports.push(port);
    this.setup.push(`wire ${node.name} ${end.device} ${end.mac} ${bridge.netns} ${port} ${this.mac()}`);
    this.setup.push(`ip -n ${bridge.netns} link set ${port} master ${bridge.device}`);
  }
}
