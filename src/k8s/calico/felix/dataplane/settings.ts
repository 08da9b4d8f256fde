import type { FelixConfig } from "../config.ts";
import type { Snapshot } from "../calc/snapshot.ts";
import { allocateMarks, endpointMarkBits, type ProtocolPort, type RulesConfig } from "../rules/config.ts";
import { ACCEPT, type Action, DROP, REJECT, RETURN } from "../rules/rule.ts";
import { err, ok, type Result } from "../../../../base/result.ts";
import type { LinkInfo } from "../../../../kernel/uapi/index.ts";

/** Which tunnels the pools ask for, unless the configuration says. Models: felix/calc/encapsulation_resolver.go. */
export interface Encapsulation {
  readonly ipip: boolean;
  readonly vxlan: boolean;
}

export function encapsulation(config: FelixConfig, { pools }: Snapshot): Encapsulation {
  return {
    ipip: config.choice("IpInIpEnabled") ?? pools.some(({ ipipMode }) => ipipMode !== "Never"),
    vxlan: config.choice("VXLANEnabled") ?? pools.some(({ vxlanMode }) => vxlanMode !== "Never"),
  };
}

const ACTIONS: Readonly<Record<string, Action>> = {
  ACCEPT,
  DROP,
  RETURN,
  REJECT,
  Drop: DROP,
  Reject: REJECT,
};

function ports(
  config: FelixConfig,
  name: "FailsafeInboundHostPorts" | "FailsafeOutboundHostPorts",
): ProtocolPort[] {
  return config.list(name).flatMap((text) => {
    const [, protocol = "tcp", port = ""] = /^(?:([a-z]+):)?(?:[\d.]+\/\d+:)?(\d+)$/i.exec(text) ?? [];
    return port === "" ? [] : [{ protocol: protocol.toLowerCase(), port: Number(port) }];
  });
}

/** How the rules are to be made. The error is Felix's when the mask leaves too few bits. */
export function rulesSettings(
  config: FelixConfig,
  encap: Encapsulation,
  addresses: { readonly ipip: boolean; readonly vxlan: boolean },
  ipvs: boolean,
): Result<RulesConfig, string> {
  const mask = Number(config.text("IptablesMarkMask"));
  const marks = allocateMarks(mask);
  if (marks === undefined) return err("Not enough mark bits available.");
  const action = (name: Parameters<FelixConfig["text"]>[0], otherwise: Action): Action =>
    ACTIONS[config.text(name)] ?? otherwise;
  return ok({
    marks,
    prefixes: config.list("InterfacePrefix"),
    ...encap,
    vxlanPort: config.number("VXLANPort"),
    ipipAddress: addresses.ipip,
    vxlanAddress: addresses.vxlan,
    allowVxlanFromWorkloads: config.flag("AllowVXLANPacketsFromWorkloads"),
    allowIpipFromWorkloads: config.flag("AllowIPIPPacketsFromWorkloads"),
    endpointToHost: action("DefaultEndpointToHostAction", RETURN),
    filterAllow: action("IptablesFilterAllowAction", ACCEPT),
    mangleAllow: action("IptablesMangleAllowAction", ACCEPT),
    deny: action("IptablesFilterDenyAction", DROP),
    logPrefix: config.text("LogPrefix"),
    dropInvalid: !config.flag("DisableConntrackInvalidCheck"),
    natOutgoingAddress: config.text("NATOutgoingAddress"),
    natPortRange: config.text("NATPortRange").replace(":", "-"),
    natOutgoingInterface: config.text("IptablesNATOutgoingInterfaceFilter"),
    natExcludesHosts: config.text("NATOutgoingExclusions") === "IPPoolsAndHostIPs",
    failsafeIn: ports(config, "FailsafeInboundHostPorts"),
    failsafeOut: ports(config, "FailsafeOutboundHostPorts"),
    serviceLoop: ACTIONS[config.text("ServiceLoopPrevention")],
    ...(ipvs ? { ipvs: endpointMarkBits(mask, marks) } : {}),
  });
}

const OVERHEAD = { ipip: 20, vxlan: 50 } as const;
const DEFAULT_MTU = 1460;

export interface Mtus {
  readonly host: number;
  readonly ipip: number;
  readonly vxlan: number;
  readonly pod: number;
}

/** The smallest MTU of the node's own devices, and what tunnels leave of it. Models: findHostMTU, determinePodMTU. */
export function mtus(config: FelixConfig, encap: Encapsulation, links: readonly LinkInfo[]): Mtus {
  const pattern = new RegExp(config.text("MTUIfacePattern"));
  const own = links.filter(({ name }) => pattern.test(name)).map(({ mtu }) => mtu);
  const host = own.length === 0 ? DEFAULT_MTU : Math.min(...own);
  const ipip = config.number("IpInIpMtu") || host - OVERHEAD.ipip;
  const vxlan = config.number("VXLANMTU") || host - OVERHEAD.vxlan;
  const used = [...(encap.ipip ? [ipip] : []), ...(encap.vxlan ? [vxlan] : [])];
  return { host, ipip, vxlan, pod: used.length === 0 ? host : Math.min(...used) };
}
