import { formatIpv4, formatPrefix, type Ipv4, isLoopback } from "../../wire/address.ts";
import { isIpv4 } from "../../wire/ip-address.ts";
import type { NetApi } from "../../kernel/uapi/index.ts";
import { GoIptables } from "../iptables.ts";
import { subnetOf } from "./ipam.ts";
import type { DaemonOptions, DockerNetwork, PortBinding } from "./types.ts";

/** What the engine asks of iptables as networks, containers and ports come and go. */
export interface Firewall {
  /** Chains and jumps, when the daemon starts. */
  setUp(): void;
  addNetwork(network: DockerNetwork): void;
  removeNetwork(network: DockerNetwork): void;
  addEndpoint(network: DockerNetwork, address: Ipv4): void;
  removeEndpoint(network: DockerNetwork, address: Ipv4): void;
  addPort(network: DockerNetwork, address: Ipv4, binding: PortBinding): void;
  removePort(network: DockerNetwork, address: Ipv4, binding: PortBinding): void;
}

const ESTABLISHED = "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT";

/** A rule and where it stands: `I` goes to the top of its chain, `A` to its end. */
type Placed = readonly ["I" | "A", "raw" | "nat" | "filter", string, string];

abstract class Rules implements Firewall {
  protected readonly iptables: GoIptables;
  protected readonly options: DaemonOptions;

  constructor(net: NetApi, options: DaemonOptions) {
    this.iptables = new GoIptables(net);
    this.options = options;
  }

  abstract setUp(): void;
  protected abstract networkRules(network: DockerNetwork): readonly Placed[];
  protected abstract endpointRules(network: DockerNetwork, address: Ipv4): readonly Placed[];
  protected abstract portRules(
    network: DockerNetwork,
    address: Ipv4,
    binding: PortBinding,
  ): readonly Placed[];

  addNetwork(network: DockerNetwork): void {
    this.put(this.networkRules(network));
  }

  removeNetwork(network: DockerNetwork): void {
    this.remove(this.networkRules(network));
  }

  addEndpoint(network: DockerNetwork, address: Ipv4): void {
    this.put(this.endpointRules(network, address));
  }

  removeEndpoint(network: DockerNetwork, address: Ipv4): void {
    this.remove(this.endpointRules(network, address));
  }

  addPort(network: DockerNetwork, address: Ipv4, binding: PortBinding): void {
    if (!network.internal) this.put(this.portRules(network, address, binding));
  }

  removePort(network: DockerNetwork, address: Ipv4, binding: PortBinding): void {
    if (!network.internal) this.remove(this.portRules(network, address, binding));
  }

  protected natJumps(): void {
    const local = "-m addrtype --dst-type LOCAL -j DOCKER";
    this.iptables.appendUnique("nat", "PREROUTING", local);
    this.iptables.appendUnique("nat", "OUTPUT", this.hairpin ? local : `! -d 127.0.0.0/8 ${local}`);
  }

  /** Without the userland proxy the kernel has to turn every connection round itself. */
  protected get hairpin(): boolean {
    return !this.options.userlandProxy;
  }

  /** MASQUERADE for what leaves a network, and with hairpin for what the host sends into it. */
  protected masquerade(network: DockerNetwork): Placed[] {
    const out: Placed[] = [];
    const { bridge } = network;
    if (network.masquerade)
      out.push(["I", "nat", "POSTROUTING", `-s ${prefixOf(network)} ! -o ${bridge} -j MASQUERADE`]);
    if (this.hairpin)
      out.push(["I", "nat", "POSTROUTING", `-o ${bridge} -m addrtype --src-type LOCAL -j MASQUERADE`]);
    return out;
  }

  /** The DNAT of a published port, and MASQUERADE for a container that calls itself by it. */
  protected portNat(
    network: DockerNetwork,
    address: Ipv4,
    b: PortBinding,
    hairpinMasquerade: boolean,
  ): Placed[] {
    const to = formatIpv4(address);
    const port = `-p ${b.protocol} -m ${b.protocol} --dport`;
    const host = isIpv4(b.hostIp) && b.hostIp !== 0 ? `-d ${formatIpv4(b.hostIp)}/32 ` : "";
    const not = this.hairpin ? "" : `! -i ${network.bridge} `;
    const dnat = `${host}${not}${port} ${b.hostPort} -j DNAT --to-destination ${to}:${b.containerPort}`;
    const masquerade = `-s ${to}/32 -d ${to}/32 ${port} ${b.containerPort} -j MASQUERADE`;
    return [
      ["A", "nat", "DOCKER", dnat],
      ...(hairpinMasquerade ? ([["A", "nat", "POSTROUTING", masquerade]] as const) : []),
    ];
  }

  protected openPort(network: DockerNetwork, address: Ipv4, b: PortBinding): string {
    const { bridge } = network;
    return `-d ${formatIpv4(address)}/32 ! -i ${bridge} -o ${bridge} -p ${b.protocol} -m ${b.protocol} --dport ${b.containerPort} -j ACCEPT`;
  }

  protected put(rules: readonly Placed[]): void {
    for (const [where, table, chain, spec] of rules) {
      if (where === "I") this.iptables.insertUnique(table, chain, spec);
      else this.iptables.appendUnique(table, chain, spec);
    }
  }

  private remove(rules: readonly Placed[]): void {
    for (const [, table, chain, spec] of rules) this.iptables.deleteIfExists(table, chain, spec);
  }
}

function prefixOf(network: DockerNetwork): string {
  return network.subnet === undefined ? "0.0.0.0/0" : formatPrefix(subnetOf(network.subnet));
}

/** Models: moby daemon/libnetwork/drivers/bridge/internal/iptabler. */
class CurrentRules extends Rules {
  setUp(): void {
    const { iptables } = this;
    iptables.newChain("nat", "DOCKER");
    for (const chain of ["DOCKER", "DOCKER-FORWARD", "DOCKER-BRIDGE", "DOCKER-CT", "DOCKER-INTERNAL"])
      iptables.newChain("filter", chain);
    this.natJumps();
    iptables.insertUnique("filter", "FORWARD", "-j DOCKER-FORWARD");
    for (const chain of ["DOCKER-BRIDGE", "DOCKER-INTERNAL", "DOCKER-CT"])
      iptables.insertUnique("filter", "DOCKER-FORWARD", `-j ${chain}`);
    iptables.newChain("filter", "DOCKER-USER");
    iptables.insertUnique("filter", "FORWARD", "-j DOCKER-USER");
  }

  protected networkRules(network: DockerNetwork): readonly Placed[] {
    const { bridge } = network;
    if (network.internal) {
      const subnet = prefixOf(network);
      const verdict = network.icc ? "ACCEPT" : "DROP";
      return [
        ["I", "filter", "DOCKER-INTERNAL", `! -d ${subnet} -i ${bridge} -j DROP`],
        ["I", "filter", "DOCKER-INTERNAL", `! -s ${subnet} -o ${bridge} -j DROP`],
        ["A", "filter", "DOCKER-FORWARD", `-i ${bridge} -o ${bridge} -j ${verdict}`],
      ];
    }
    const forward: Placed[] = network.icc
      ? [["A", "filter", "DOCKER-FORWARD", `-i ${bridge} -j ACCEPT`]]
      : [
          ["A", "filter", "DOCKER-FORWARD", `-i ${bridge} -o ${bridge} -j DROP`],
          ["A", "filter", "DOCKER-FORWARD", `-i ${bridge} ! -o ${bridge} -j ACCEPT`],
        ];
    return [
      ...this.masquerade(network),
      ...forward,
      ["A", "filter", "DOCKER", `! -i ${bridge} -o ${bridge} -j DROP`],
      ["A", "filter", "DOCKER-CT", `-o ${bridge} ${ESTABLISHED}`],
      ["A", "filter", "DOCKER-BRIDGE", `-o ${bridge} -j DOCKER`],
    ];
  }

  protected endpointRules(network: DockerNetwork, address: Ipv4): readonly Placed[] {
    if (network.internal) return [];
    return [["A", "raw", "PREROUTING", `-d ${formatIpv4(address)}/32 ! -i ${network.bridge} -j DROP`]];
  }

  protected portRules(network: DockerNetwork, address: Ipv4, b: PortBinding): readonly Placed[] {
    if (!isIpv4(b.hostIp)) return [];
    const loopback = `-d ${formatIpv4(b.hostIp)}/32 ! -i lo -p ${b.protocol} -m ${b.protocol} --dport ${b.hostPort} -j DROP`;
    return [
      ...(isLoopback(b.hostIp) ? ([["A", "raw", "PREROUTING", loopback]] as const) : []),
      ...this.portNat(network, address, b, this.hairpin),
      ["I", "filter", "DOCKER", this.openPort(network, address, b)],
    ];
  }
}

const STAGE_1 = "DOCKER-ISOLATION-STAGE-1";
const STAGE_2 = "DOCKER-ISOLATION-STAGE-2";

/** Models: libnetwork drivers/bridge/setup_ip_tables.go of 20.10. */
class ClassicRules extends Rules {
  setUp(): void {
    const { iptables } = this;
    iptables.newChain("nat", "DOCKER");
    for (const chain of ["DOCKER", STAGE_1, STAGE_2]) iptables.newChain("filter", chain);
    for (const chain of [STAGE_1, STAGE_2]) iptables.appendUnique("filter", chain, "-j RETURN");
    this.natJumps();
    iptables.newChain("filter", "DOCKER-USER");
    iptables.appendUnique("filter", "DOCKER-USER", "-j RETURN");
    this.jumpsFirst();
  }

  override addNetwork(network: DockerNetwork): void {
    super.addNetwork(network);
    this.jumpsFirst();
  }

  /** A new bridge's rules go to the top of FORWARD, and these two before them again. */
  private jumpsFirst(): void {
    for (const chain of [STAGE_1, "DOCKER-USER"]) {
      this.iptables.deleteIfExists("filter", "FORWARD", `-j ${chain}`);
      this.iptables.insertUnique("filter", "FORWARD", `-j ${chain}`);
    }
  }

  protected networkRules(network: DockerNetwork): readonly Placed[] {
    const { bridge } = network;
    const within = `-i ${bridge} -o ${bridge} -j ${network.icc ? "ACCEPT" : "DROP"}`;
    if (network.internal) {
      const subnet = prefixOf(network);
      return [
        ["I", "filter", STAGE_1, `! -d ${subnet} -i ${bridge} -j DROP`],
        ["I", "filter", STAGE_1, `! -s ${subnet} -o ${bridge} -j DROP`],
        ["I", "filter", "FORWARD", within],
      ];
    }
    return [
      ...this.masquerade(network),
      ...(this.hairpin ? [] : ([["I", "nat", "DOCKER", `-i ${bridge} -j RETURN`]] as const)),
      ["I", "filter", "FORWARD", within],
      ["I", "filter", "FORWARD", `-i ${bridge} ! -o ${bridge} -j ACCEPT`],
      ["I", "filter", "FORWARD", `-o ${bridge} -j DOCKER`],
      ["I", "filter", "FORWARD", `-o ${bridge} ${ESTABLISHED}`],
      ["I", "filter", STAGE_1, `-i ${bridge} ! -o ${bridge} -j ${STAGE_2}`],
      ["I", "filter", STAGE_2, `-o ${bridge} -j DROP`],
    ];
  }

  protected endpointRules(): readonly Placed[] {
    return [];
  }

  protected portRules(network: DockerNetwork, address: Ipv4, b: PortBinding): readonly Placed[] {
    if (!isIpv4(b.hostIp)) return [];
    return [
      ...this.portNat(network, address, b, true),
      ["A", "filter", "DOCKER", this.openPort(network, address, b)],
    ];
  }
}

export function createFirewall(net: NetApi, options: DaemonOptions): Firewall {
  return options.generation === "classic" ? new ClassicRules(net, options) : new CurrentRules(net, options);
}
