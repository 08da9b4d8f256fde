import { err, ok, type Result } from "../../base/result.ts";
import { type Nanos, NANOS_PER_SECOND } from "../../sim/time.ts";
import { parsePrefix } from "../../wire/address.ts";
import type { ServiceRanges } from "./table.ts";

/** Name, default and whether it is a switch. Models: kube-router pkg/options, what matters without router and proxy. */
const FLAGS: Readonly<Record<string, { readonly value: string; readonly bool?: true }>> = {
  "cleanup-config": { value: "false", bool: true },
  "enable-cni": { value: "true", bool: true },
  "enable-ipv4": { value: "true", bool: true },
  "enable-ipv6": { value: "false", bool: true },
  "health-port": { value: "20244" },
  "hostname-override": { value: "" },
  "iptables-sync-period": { value: "5m0s" },
  kubeconfig: { value: "" },
  "loadbalancer-ip-range": { value: "" },
  master: { value: "" },
  "metrics-port": { value: "0" },
  "netpol-default-deny": { value: "false", bool: true },
  "run-firewall": { value: "true", bool: true },
  "run-loadbalancer": { value: "false", bool: true },
  "run-router": { value: "true", bool: true },
  "run-service-proxy": { value: "true", bool: true },
  "service-cluster-ip-range": { value: "10.96.0.0/12" },
  "service-external-ip-range": { value: "" },
  "service-node-port-range": { value: "30000-32767" },
  "strict-external-ip-validation": { value: "true", bool: true },
  "use-nftables-for-netpol": { value: "false", bool: true },
  v: { value: "0" },
  version: { value: "false", bool: true },
};

/** Switches that must stand like this here: the rest of kube-router is not modelled. */
const ONLY: readonly (readonly [name: string, value: boolean])[] = [
  ["run-router", false],
  ["run-service-proxy", false],
  ["run-loadbalancer", false],
  ["enable-ipv4", true],
  ["enable-ipv6", false],
  ["netpol-default-deny", false],
  ["use-nftables-for-netpol", false],
];

/** `refused`: a name for what is not modelled; `message`: what kube-router itself says. */
export type OptionFailure =
  { readonly refused: string } | { readonly message: string; readonly status: number };

export class Options {
  private readonly values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.values = values;
  }

  text(name: keyof typeof FLAGS): string {
    return this.values.get(name) ?? "";
  }

  flag(name: keyof typeof FLAGS): boolean {
    return this.text(name) === "true";
  }

  number(name: keyof typeof FLAGS): number {
    return Number(this.text(name));
  }

  list(name: keyof typeof FLAGS): readonly string[] {
    return this.text(name)
      .split(",")
      .filter((item) => item !== "");
  }

  get syncPeriod(): Nanos {
    return goDuration(this.text("iptables-sync-period")) ?? (0 as Nanos);
  }

  get ranges(): ServiceRanges {
    return {
      clusterIps: this.list("service-cluster-ip-range"),
      nodePorts: this.text("service-node-port-range").replace("-", ":"),
      externalIps: this.list("service-external-ip-range"),
      loadBalancerIps: this.list("loadbalancer-ip-range"),
    };
  }
}

/** A Go duration such as `5m0s`; undefined when it is none. */
function goDuration(text: string): Nanos | undefined {
  if (!/^(?:[\d.]+(?:ms|h|m|s))+$/.test(text)) return undefined;
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };
  const parts = [...text.matchAll(/([\d.]+)(ms|[hms])/g)];
  const seconds = parts.reduce((sum, [, n, unit]) => sum + Number(n) * (units[unit ?? ""] ?? 0), 0);
  return Math.round(seconds * NANOS_PER_SECOND) as Nanos;
}

/** Name and value of a word of the command line. Models: spf13/pflag. */
function* words(argv: readonly string[]): Generator<readonly [name: string, value: string | undefined]> {
  for (let i = 1; i < argv.length; i++) {
    const m = /^(?:--([^=]+)|-([A-Za-z]))(?:=(.*))?$/s.exec(argv[i] ?? "");
    const name = m?.[2] === "V" ? "version" : (m?.[1] ?? m?.[2] ?? argv[i] ?? "");
    const given = m?.[3] ?? (FLAGS[name]?.bool === true ? "true" : undefined);
    yield [name, given ?? (FLAGS[name] === undefined ? undefined : argv[++i])];
  }
}

function check(options: Options): OptionFailure | undefined {
  for (const [name, value] of ONLY)
    if (options.flag(name) !== value) return { refused: `kube-router's --${name}=${String(!value)}` };
  if (options.number("metrics-port") > 0) return { refused: "kube-router's --metrics-port" };
  const bad = options.ranges.clusterIps.find((cidr) => parsePrefix(cidr) === undefined);
  if (bad !== undefined)
    return {
      message: `failed to run kube-router: failed to create service IP validator: invalid CIDR address: ${bad}\n`,
      status: 1,
    };
  if (!/^\d+[:-]\d+$/.test(options.text("service-node-port-range")))
    return {
      message: `failed to run kube-router: failed to create network policy controller: failed to parse node port range given: '${options.text("service-node-port-range")}' please see specification in help text\n`,
      status: 1,
    };
  return undefined;
}

/** The command line. A flag of the router, the proxy or BGP is refused by name. */
export function parseOptions(argv: readonly string[]): Result<Options, OptionFailure> {
  const values = new Map(Object.entries(FLAGS).map(([name, { value }]) => [name, value]));
  for (const [name, value] of words(argv)) {
    if (FLAGS[name] === undefined) return err({ refused: `kube-router's option ${name}` });
    if (value === undefined) return err({ message: `flag needs an argument: --${name}\n`, status: 2 });
    values.set(name, value);
  }
  const options = new Options(values);
  if (options.flag("version") || options.flag("cleanup-config")) return ok(options);
  if (goDuration(options.text("iptables-sync-period")) === undefined)
    return err({
      message: `invalid argument "${options.text("iptables-sync-period")}" for "--iptables-sync-period" flag: time: invalid duration "${options.text("iptables-sync-period")}"\n`,
      status: 2,
    });
  const failure = check(options);
  return failure === undefined ? ok(options) : err(failure);
}
