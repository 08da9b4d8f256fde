import { must, type Result } from "../../base/result.ts";
import { ruleOf } from "../../container/iptables.ts";
import type { IfIndex, KernelApi, KernelError, NetApi, NetnsId } from "../../kernel/uapi/index.ts";
import type { CableSpec, MachineSpec } from "../../scenario/underlay.ts";
import { broadcast, IPV4_ANY, network, parseIpv4, parsePrefix } from "../../wire/address.ts";

/** The longest name of a device. */
const NAME_LENGTH = 15;
/** As tc-netem(8) has it. */
const NETEM_LIMIT = 1000;

function sure<T>(result: Result<T, KernelError>, what: string): T {
  if (result.ok) return result.value;
  throw new Error(`bug: ${what}: ${result.error.errno} ${result.error.extack ?? ""}`);
}

/** One end of a cable that is to be plugged in. */
export interface End {
  readonly netns: NetnsId;
  readonly device: string;
}

/** What somebody would have typed to build this, one command at a time: each change is signed with its own. */
export class Wiring {
  private readonly kernel: KernelApi;

  constructor(kernel: KernelApi) {
    this.kernel = kernel;
  }

  typed(netns: NetnsId, command: string): NetApi {
    return this.kernel.open(netns, { name: "underlay", detail: command });
  }

  loopback(netns: NetnsId): void {
    const net = this.typed(netns, "ip link set lo up");
    sure(net.link.change(must(net.link.byName("lo"), "lo").index, { up: true }), "lo up");
  }

  /** A switch: a bridge in a namespace of its own, where nothing filters what passes. */
  switch(name: string): { netns: NetnsId; bridge: string } {
    const netns = this.kernel.createNetns(name);
    const bridge = name.length <= NAME_LENGTH ? name : "br0";
    this.loopback(netns);
    const net = this.typed(netns, `ip link add ${bridge} type bridge`);
    const dev = sure(net.link.add({ kind: "bridge", name: bridge }), "switch");
    this.set(netns, "net/bridge/bridge-nf-call-iptables", "0");
    sure(this.typed(netns, `ip link set ${bridge} up`).link.change(dev, { up: true }), "switch up");
    return { netns, bridge };
  }

  /** A cable: both ends are up when it is plugged in. */
  cable(a: End, b: End, qualities: CableSpec): void {
    const net = this.typed(a.netns, `ip link add ${a.device} type veth peer name ${b.device}`);
    const peer = { name: b.device, netns: b.netns };
    sure(net.link.add({ kind: "veth", name: a.device, peer }), `cable ${a.device}`);
    for (const end of [a, b]) this.bringUp(end, qualities);
  }

  private bringUp({ netns, device }: End, { mtu, latencyMs = 0, lossPercent = 0 }: CableSpec): void {
    const dev = this.device(netns, device);
    if (mtu !== undefined)
      sure(this.typed(netns, `ip link set ${device} mtu ${mtu}`).link.change(dev, { mtu }), "mtu");
    sure(this.typed(netns, `ip link set ${device} up`).link.change(dev, { up: true }), "up");
    if (latencyMs === 0 && lossPercent === 0) return;
    const words = `${latencyMs > 0 ? ` delay ${latencyMs}ms` : ""}${lossPercent > 0 ? ` loss ${lossPercent}%` : ""}`;
    const net = this.typed(netns, `tc qdisc add dev ${device} root netem${words}`);
    const netem = {
      kind: "netem",
      limit: NETEM_LIMIT,
      delay: latencyMs * 1000,
      jitter: 0,
      loss: lossPercent,
      duplicate: 0,
      rate: 0,
    } as const;
    sure(net.qdisc.set(dev, netem, "add"), "netem");
  }

  port(netns: NetnsId, bridge: string, device: string): void {
    const net = this.typed(netns, `ip link set ${device} master ${bridge}`);
    const master = this.device(netns, bridge);
    sure(net.link.change(this.device(netns, device), { master }), "port");
  }

  /** A name for the switch's end: the machine's, and the interface's where that is not eth0. */
  portName(netns: NetnsId, machine: string, device: string): string {
    const net = this.kernel.open(netns, { name: "underlay" });
    const wanted = device === "eth0" ? machine : `${machine}-${device}`;
    if (wanted.length <= NAME_LENGTH && net.link.byName(wanted) === undefined) return wanted;
    for (let n = 1; ; n++) if (net.link.byName(`port${n}`) === undefined) return `port${n}`;
  }

  addresses(netns: NetnsId, device: string, addresses: readonly string[]): void {
    for (const text of addresses) {
      const { address: local, length } = must(parsePrefix(text), `address ${text}`);
      const net = this.typed(netns, `ip addr add ${text} dev ${device}`);
      const wide = length < 31 ? { broadcast: broadcast(local, length) } : {};
      const spec = { dev: this.device(netns, device), local, prefixLength: length, ...wide };
      sure(net.address.add(spec), `address ${text}`);
    }
  }

  /** The kernel's own refusal of a route, as `ip` words it, when the next hop cannot be reached. */
  route(netns: NetnsId, { to, via }: MachineSpec["routes"][number]): string | undefined {
    const prefix = to === "default" ? { address: IPV4_ANY, length: 0 } : must(parsePrefix(to), to);
    const dst = { address: network(prefix.address, prefix.length), length: prefix.length };
    const net = this.typed(netns, `ip route add ${to} via ${via}`);
    const made = net.route.add({ dst, nexthops: [{ gateway: must(parseIpv4(via), via) }] }, "add");
    if (made.ok) return undefined;
    return `ip route add ${to} via ${via}: ${made.error.extack ?? made.error.errno}`;
  }

  set(netns: NetnsId, key: string, value: string): void {
    const net = this.typed(netns, `sysctl -w ${key.replaceAll("/", ".")}=${value}`);
    sure(net.sysctl.set(key, value), key);
  }

  masquerade(netns: NetnsId, device: string): void {
    const spec = `-o ${device} -j MASQUERADE`;
    const net = this.typed(netns, `iptables -t nat -A POSTROUTING ${spec}`);
    const rule = ruleOf("ip", "nat", spec);
    const done = net.xtables.commit("ip", "nat", [{ op: "append", chain: "POSTROUTING", rule }]);
    if (!done.ok) throw new Error(`bug: masquerade on ${device}`);
  }

  private device(netns: NetnsId, name: string): IfIndex {
    return must(this.kernel.open(netns, { name: "underlay" }).link.byName(name), name).index;
  }
}
