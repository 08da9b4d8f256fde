import * as v from "valibot";
import { err, ok, type Result } from "../../../../base/result.ts";
import type { NetApi } from "../../../../kernel/uapi/index.ts";
import type { Task } from "../../../../sim/task.ts";
import { formatIpv4 } from "../../../../wire/address.ts";
import { GoIptables } from "../../../iptables.ts";
import type { CniArgs, CniPlugin } from "../../plugin.ts";
import { type CniResult, firstIssue, parseResult } from "../../result.ts";

const ConfSchema = v.object({
  backend: v.optional(v.string(), ""),
  iptablesAdminChainName: v.optional(v.string(), ""),
  ingressPolicy: v.optional(v.string(), ""),
});

interface FirewallConfig {
  readonly admin: string;
  readonly policy: string;
  readonly previous: CniResult | undefined;
}

const PRIVATE = "CNI-FORWARD";
const STAGE_1 = "CNI-ISOLATION-STAGE-1";
const STAGE_2 = "CNI-ISOLATION-STAGE-2";

function load(args: CniArgs): Result<FirewallConfig, string> {
  const parsed = v.safeParse(ConfSchema, args.config);
  if (!parsed.success) return err(`failed to load netconf: ${firstIssue(parsed.issues)}`);
  const { backend, iptablesAdminChainName, ingressPolicy } = parsed.output;
  const raw = args.config["prevResult"];
  const previous = raw === undefined ? undefined : parseResult(raw);
  if (previous?.ok === false) return err(`could not parse prevResult: ${previous.error}`);
  if (backend === "firewalld") return err("flannelgraph: firewall's backend firewalld is not modelled yet");
  return ok({
    admin: iptablesAdminChainName === "" ? "CNI-ADMIN" : iptablesAdminChainName,
    policy: ingressPolicy,
    previous: previous?.value,
  });
}

function podRules(result: CniResult): readonly string[] {
  return result.ips.flatMap(({ address }) => {
    const ip = `${formatIpv4(address.address)}/32`;
    return [`-d ${ip} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`, `-s ${ip} -j ACCEPT`];
  });
}

function comment(text: string): string {
  return `-m comment --comment "${text}"`;
}

function jumps(admin: string): { forward: string; override: string } {
  return {
    forward: `${comment("CNI firewall plugin rules")} -j ${PRIVATE}`,
    override: `${comment("CNI firewall plugin admin overrides")} -j ${admin}`,
  };
}

/** Models: iptables.go addRules. */
function addRules(net: NetApi, n: FirewallConfig, result: CniResult): void {
  const rules = podRules(result);
  if (rules.length === 0) return;
  const iptables = new GoIptables(net);
  const { forward, override } = jumps(n.admin);
  iptables.newChain("filter", PRIVATE);
  iptables.newChain("filter", n.admin);
  iptables.insertUnique("filter", "FORWARD", forward);
  iptables.insertUnique("filter", PRIVATE, override);
  for (const rule of rules) iptables.appendUnique("filter", PRIVATE, rule);
}

/** Models: ingresspolicy.go setupIsolationChains. */
function isolate(net: NetApi, bridge: string, policy: string): void {
  const iptables = new GoIptables(net);
  const own = comment(`CNI firewall plugin rules (ingressPolicy: ${policy})`);
  const all = comment("CNI firewall plugin rules (ingressPolicy: same-bridge|isolated)");
  for (const chain of [STAGE_1, STAGE_2]) iptables.newChain("filter", chain);
  iptables.insertUnique("filter", "FORWARD", `-j ${STAGE_1} ${all}`);
  iptables.insertUnique("filter", STAGE_1, `-i ${bridge} ! -o ${bridge} -j ${STAGE_2} ${own}`);
  if (policy === "isolated")
    iptables.insertUnique("filter", STAGE_1, `-i ${bridge} -o ${bridge} -j DROP ${own}`);
  iptables.appendUnique("filter", STAGE_1, `-j RETURN ${all}`);
  iptables.insertUnique("filter", STAGE_2, `-o ${bridge} -j DROP ${all}`);
  iptables.appendUnique("filter", STAGE_2, `-j RETURN ${all}`);
}

function ingress(net: NetApi, policy: string, result: CniResult): Result<void, string> {
  if (policy === "" || policy === "open") return ok();
  if (policy !== "same-bridge" && policy !== "isolated") return err(`unknown ingress policy: "${policy}"`);
  const [bridge] = result.interfaces;
  if (bridge === undefined)
    return err(
      `interface needs to be set for ingress policy "${policy}", make sure to chain "firewall" plugin with "bridge"`,
    );
  if (bridge.name === "") return err("got empty bridge name");
  isolate(net, bridge.name, policy);
  return ok();
}

/** The words of a rule as Go prints a list of them. */
function goList(rule: string): string {
  return `[${rule.replaceAll('"', "")}]`;
}

/**
 * Accepts what is forwarded for the pod; an administrator's chain comes first. `ingressPolicy` keeps bridges apart.
 *
 * Models: containernetworking/plugins v1.9.1 plugins/meta/firewall, iptables backend.
 */
export const firewall: CniPlugin = {
  type: "firewall",
  kind: "meta",
  versions: ["0.4.0", "1.0.0", "1.1.0"],

  *add(args, context): Task<Result<CniResult, string>> {
    const config = load(args);
    if (!config.ok) return config;
    const { previous, policy } = config.value;
    if (previous === undefined) return err("missing prevResult from earlier plugin");
    addRules(context.net, config.value, previous);
    const isolated = ingress(context.net, policy, previous);
    return isolated.ok ? ok(previous) : isolated;
  },

  *del(args, context): Task<Result<void, string>> {
    const config = load(args);
    if (!config.ok) return config;
    const { previous, policy } = config.value;
    const iptables = new GoIptables(context.net);
    for (const rule of previous === undefined ? [] : podRules(previous))
      iptables.deleteIfExists("filter", PRIVATE, rule);
    return ["", "open", "same-bridge", "isolated"].includes(policy)
      ? ok()
      : err(`unknown ingress policy: "${policy}"`);
  },

  *check(args, context): Task<Result<void, string>> {
    const config = load(args);
    if (!config.ok) return config;
    const { previous, admin } = config.value;
    if (previous === undefined) return err("missing prevResult from earlier plugin");
    const rules = podRules(previous);
    if (rules.length === 0) return ok();
    const iptables = new GoIptables(context.net);
    const { forward, override } = jumps(admin);
    if (!iptables.exists("filter", "FORWARD", forward))
      return err(`expected FORWARD rule ${goList(forward)} not found`);
    if (!iptables.exists("filter", PRIVATE, override))
      return err(`expected ${PRIVATE} rule ${goList(override)} not found`);
    const missing = rules.find((rule) => !iptables.exists("filter", PRIVATE, rule));
    return missing === undefined ? ok() : err(`expected rule ${goList(missing)} not found`);
  },
};
