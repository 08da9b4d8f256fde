import { err, ok, type Result } from "../../../base/result.ts";
import { parseIpv4 } from "../../../wire/address.ts";
import { type Nanos, NANOS_PER_SECOND } from "../../../sim/time.ts";
import type { CalicoClient, FelixConfigurationSpec } from "../api/index.ts";

/** Felix's parameters with their defaults, as far as they are modelled. Models: felix/config Config. */
const PARAMETERS = {
  AllowIPIPPacketsFromWorkloads: "false",
  AllowVXLANPacketsFromWorkloads: "false",
  BPFEnabled: "false",
  ChainInsertMode: "insert",
  DefaultEndpointToHostAction: "DROP",
  DeviceRouteProtocol: "3",
  DisableConntrackInvalidCheck: "false",
  ExternalNodesCIDRList: "",
  FailsafeInboundHostPorts: "tcp:22,udp:68,tcp:179,tcp:2379,tcp:2380,tcp:5473,tcp:6443,tcp:6666,tcp:6667",
  FailsafeOutboundHostPorts: "udp:53,udp:67,tcp:179,tcp:2379,tcp:2380,tcp:5473,tcp:6443,tcp:6666,tcp:6667",
  FelixHostname: "",
  FloatingIPs: "Disabled",
  HealthEnabled: "false",
  HealthHost: "localhost",
  HealthPort: "9099",
  InterfacePrefix: "cali",
  IPForwarding: "Enabled",
  IpInIpEnabled: "",
  IpInIpMtu: "0",
  IptablesFilterAllowAction: "ACCEPT",
  IptablesFilterDenyAction: "DROP",
  IptablesMangleAllowAction: "ACCEPT",
  IptablesMarkMask: "0xffff0000",
  IptablesNATOutgoingInterfaceFilter: "",
  IptablesPostWriteCheckIntervalSecs: "5",
  IptablesRefreshInterval: "180",
  Ipv6Support: "true",
  LogPrefix: "calico-packet",
  MTUIfacePattern: "^((en|wl|ww|sl|ib)[Pcopsvx].*|(eth|wlan|wwan).*)",
  NATOutgoingAddress: "",
  NATOutgoingExclusions: "IPPoolsOnly",
  NATPortRange: "",
  NFTablesMode: "Disabled",
  ProgramClusterRoutes: "Disabled",
  ServiceLoopPrevention: "Drop",
  VXLANEnabled: "",
  VXLANMTU: "0",
  VXLANPort: "4789",
  VXLANVNI: "4096",
  WireguardEnabled: "false",
  WorkloadSourceSpoofing: "Disabled",
} as const;

export type Parameter = keyof typeof PARAMETERS;

/** By the name in small letters: environment variables know no other. */
const BY_NAME = new Map(Object.keys(PARAMETERS).map((name) => [name.toLowerCase(), name]));

/** What a FelixConfiguration calls otherwise. Models: felixconfigprocessor.go. */
const RESOURCE_NAMES: Readonly<Record<string, Parameter>> = {
  ipipenabled: "IpInIpEnabled",
  ipipmtu: "IpInIpMtu",
  externalnodeslist: "ExternalNodesCIDRList",
  natoutgoingaddress: "NATOutgoingAddress",
  iptablespostwritecheckinterval: "IptablesPostWriteCheckIntervalSecs",
};

const ONE_OF: Partial<Record<Parameter, readonly string[]>> = {
  ChainInsertMode: ["insert", "append"],
  DefaultEndpointToHostAction: ["DROP", "RETURN", "ACCEPT"],
  IptablesFilterAllowAction: ["ACCEPT", "RETURN"],
  IptablesFilterDenyAction: ["DROP", "REJECT"],
  IptablesMangleAllowAction: ["ACCEPT", "RETURN"],
  NATOutgoingExclusions: ["IPPoolsOnly", "IPPoolsAndHostIPs"],
  ServiceLoopPrevention: ["Drop", "Reject", "Disabled"],
  NFTablesMode: ["Enabled", "Disabled"],
  WorkloadSourceSpoofing: ["Disabled", "Any"],
  ProgramClusterRoutes: ["Enabled", "Disabled"],
  FloatingIPs: ["Enabled", "Disabled"],
  IPForwarding: ["Enabled", "Disabled"],
};

/** A mistake in these ends Felix; elsewhere the default stands. */
const FATAL: readonly Parameter[] = [
  "ChainInsertMode",
  "DefaultEndpointToHostAction",
  "IptablesFilterAllowAction",
  "IptablesFilterDenyAction",
  "IptablesMangleAllowAction",
  "IptablesMarkMask",
];

/** What is not modelled, by the value that asks for it. */
const REFUSED: readonly (readonly [Parameter, (value: string) => boolean, string])[] = [
  ["BPFEnabled", isTrue, "Felix's eBPF dataplane"],
  ["NFTablesMode", (value) => value === "Enabled", "Felix's nftables mode"],
  ["WireguardEnabled", isTrue, "Felix's WireGuard"],
  ["Ipv6Support", isTrue, "Felix's IPv6 (FELIX_IPV6SUPPORT=true)"],
  ["ProgramClusterRoutes", (value) => value === "Enabled", "Felix's ProgramClusterRoutes"],
  ["FloatingIPs", (value) => value === "Enabled", "Felix's floating IPs"],
];

function isTrue(value: string): boolean {
  return ["true", "1", "yes", "y", "t"].includes(value.toLowerCase());
}

/** `90`, `90s`, `1m30s`: seconds. */
function secondsOf(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };
  if (!/^(?:[\d.]+(?:ms|h|m|s))+$/.test(text)) return undefined;
  return [...text.matchAll(/([\d.]+)(ms|[hms])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (units[unit ?? ""] ?? 0),
    0,
  );
}

function isValid(name: Parameter, value: string): boolean {
  const allowed = ONE_OF[name];
  if (allowed !== undefined) return allowed.some((one) => one.toLowerCase() === value.toLowerCase());
  const fallback = PARAMETERS[name];
  if (/^\d+$/.test(fallback)) return secondsOf(value) !== undefined;
  if (fallback === "true" || fallback === "false") return /^(true|false|1|0|yes|no|y|n|t|f)$/i.test(value);
  if (name === "IptablesMarkMask") return /^(0x[0-9a-fA-F]+|\d+)$/.test(value);
  return true;
}

export type ConfigFailure = { readonly refused: string } | { readonly message: string };

/** What Felix was told, from the strongest source that says anything. */
export class FelixConfig {
  private readonly values: ReadonlyMap<string, string>;
  /** Values that nobody can read; their defaults stand. */
  readonly mistakes: readonly string[];

  private constructor(values: ReadonlyMap<string, string>, mistakes: readonly string[]) {
    this.values = values;
    this.mistakes = mistakes;
  }

  /** Sources from the strongest on, names in small letters. */
  static from(sources: readonly ReadonlyMap<string, string>[]): Result<FelixConfig, ConfigFailure> {
    const values = new Map<string, string>(Object.entries(PARAMETERS));
    const mistakes: string[] = [];
    for (const source of [...sources].reverse())
      for (const [key, given] of source) {
        const name = BY_NAME.get(key);
        if (!isParameter(name)) continue;
        const value = given.toLowerCase() === "none" ? "" : given;
        if (isValid(name, value)) values.set(name, canonical(name, value));
        else if (FATAL.includes(name))
          return err({ message: `invalid configuration: parse error on parameter ${name}=${value}` });
        else mistakes.push(`${name}=${value}`);
      }
    for (const [name, asks, what] of REFUSED) if (asks(values.get(name) ?? "")) return err({ refused: what });
    return ok(new FelixConfig(values, mistakes));
  }

  text(name: Parameter): string {
    return this.values.get(name) ?? "";
  }

  flag(name: Parameter): boolean {
    return isTrue(this.text(name));
  }

  /** Undefined where it is left to what the pools say. */
  choice(name: Parameter): boolean | undefined {
    return this.text(name) === "" ? undefined : this.flag(name);
  }

  number(name: Parameter): number {
    return Number(this.text(name));
  }

  list(name: Parameter): readonly string[] {
    return this.text(name)
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  }

  time(name: Parameter): Nanos {
    return Math.round((secondsOf(this.text(name)) ?? 0) * NANOS_PER_SECOND) as Nanos;
  }

  /** Whether both say the same of everything. */
  equals(other: FelixConfig): boolean {
    return [...this.values].every(([name, value]) => other.values.get(name) === value);
  }
}

function isParameter(name: string | undefined): name is Parameter {
  return name !== undefined && name in PARAMETERS;
}

/** One of several words is written as the list has it. */
function canonical(name: Parameter, value: string): string {
  return ONE_OF[name]?.find((one) => one.toLowerCase() === value.toLowerCase()) ?? value;
}

/** FELIX_NAME=VALUE. Models: felix/config LoadConfigFromEnvironment. */
export function fromEnvironment(env: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const out = new Map<string, string>();
  for (const [key, value] of env) {
    const name = /^FELIX_(.+)$/i.exec(key)?.[1];
    if (name !== undefined && value !== "") out.set(name.toLowerCase(), value);
  }
  return out;
}

/** Fields of a FelixConfiguration by the names that Felix has for them. */
export function fromResource(spec: FelixConfigurationSpec | undefined): ReadonlyMap<string, string> {
  const out = new Map<string, string>();
  for (const [field, value] of Object.entries(spec ?? {})) {
    const name = (RESOURCE_NAMES[field.toLowerCase()] ?? field).toLowerCase();
    if (Array.isArray(value)) out.set(name, value.map(listItem).join(","));
    else if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      out.set(name, String(value));
  }
  return out;
}

/** Text, or `{protocol, port}` as `tcp:22`. */
function listItem(item: unknown): string {
  if (typeof item !== "object" || item === null) return String(item);
  const { protocol = "tcp", port = "" } = item as { readonly protocol?: unknown; readonly port?: unknown };
  return `${String(protocol).toLowerCase()}:${String(port)}`;
}

/** The environment is stronger than the node's own FelixConfiguration, and this than that of all nodes. */
export function loadConfig(
  env: ReadonlyMap<string, string>,
  client: CalicoClient,
  node: string,
): Result<FelixConfig, ConfigFailure> {
  return FelixConfig.from([
    fromEnvironment(env),
    fromResource(client.get("FelixConfiguration", `node.${node}`)?.spec),
    fromResource(client.get("FelixConfiguration", "default")?.spec),
  ]);
}

/** Whether the text is an IPv4 address. */
export const isAddress = (text: string): boolean => parseIpv4(text) !== undefined;
