import * as v from "valibot";
import { err, ok, type Result } from "../../../../base/result.ts";
import type { NetApi } from "../../../../kernel/uapi/index.ts";
import type { Task } from "../../../../sim/task.ts";
import { formatMac } from "../../../../wire/address.ts";
import {
  configureInterface,
  defaultRouteInterface,
  deleteLink,
  interfaceOf,
  makeSlave,
  sameMac,
  trySysctl,
  validateExpected,
} from "../../interface.ts";
import type { CniArgs, CniPlugin, PluginContext } from "../../plugin.ts";
import { type CniResult, firstIssue, parseResult, schemas } from "../../result.ts";

const NetConfSchema = v.object({
  master: v.optional(v.string(), ""),
  mode: v.optional(v.string(), ""),
  mtu: v.optional(v.number(), 0),
  linkInContainer: v.optional(v.literal(false, 'ipvlan: "linkInContainer" is not modelled yet'), false),
  ipam: v.optional(v.looseObject({ type: v.optional(v.string(), "") }), { type: "" }),
  dns: v.optional(schemas.dns, {}),
});

type NetConf = v.InferOutput<typeof NetConfSchema>;

interface IpvlanConfig extends NetConf {
  readonly previous: CniResult | undefined;
}

/** Models: ipvlan loadConf. Without a master it is the one that a plugin before made, or the default route's. */
function load(args: CniArgs, net: NetApi): Result<IpvlanConfig, string> {
  const parsed = v.safeParse(NetConfSchema, args.config);
  if (!parsed.success) return err(`failed to load netconf: ${firstIssue(parsed.issues)}`);
  const n = parsed.output;
  const raw = args.config["prevResult"];
  const previous = raw === undefined ? undefined : parseResult(raw);
  if (previous?.ok === false) return err(`could not parse prevResult: ${previous.error}`);
  if (n.master !== "") return ok({ ...n, previous: previous?.value });
  if (previous === undefined) {
    const master = defaultRouteInterface(net);
    return master.ok ? ok({ ...n, master: master.value, previous: undefined }) : master;
  }
  const [only, ...rest] = previous.value.interfaces;
  if (only === undefined || rest.length > 0 || only.name === "")
    return err("chained master failure. PrevResult lacks a single named interface");
  return ok({ ...n, master: only.name, previous: previous.value });
}

function* addresses(n: IpvlanConfig, args: CniArgs, context: PluginContext): Task<Result<CniResult, string>> {
  if (n.ipam.type === "" && n.previous !== undefined && n.previous.ips.length > 0) return ok(n.previous);
  const ipam = yield* context.delegate("ADD", n.ipam.type, args.config);
  if (!ipam.ok) return ipam;
  return ipam.value.ips.length === 0 ? err("IPAM plugin returned missing IP config") : ipam;
}

function* add(args: CniArgs, context: PluginContext): Task<Result<CniResult, string>> {
  const config = load(args, context.net);
  if (!config.ok) return config;
  const n = config.value;
  const pod = context.openNetns(args.netns);
  if (!pod.ok) return err(`failed to open netns "${args.netns}": ${pod.error}`);
  if (!["", "l2", "l3", "l3s"].includes(n.mode)) return err(`unknown ipvlan mode: "${n.mode}"`);
  const outer = context.net.link.byName(n.master);
  if (outer === undefined) return err(`failed to lookup master "${n.master}": Link not found`);
  const { mode, mtu } = n;
  const spec = { kind: "ipvlan", lower: outer.index, lowerNetns: context.net.netns, mode, mtu } as const;
  const link = makeSlave(pod.value, args.ifName, spec, context.host.random);
  if (!link.ok) return link;
  const given = yield* addresses(n, args, context);
  if (!given.ok) return given;
  const result: CniResult = {
    interfaces: [{ name: args.ifName, mac: formatMac(link.value.mac), sandbox: args.netns }],
    ips: given.value.ips.map((ip) => ({ ...ip, interface: 0 })),
    routes: given.value.routes,
    dns: n.dns,
  };
  trySysctl(pod.value, `net/ipv4/conf/${args.ifName}/arp_notify`, "1");
  trySysctl(pod.value, `net/ipv6/conf/${args.ifName}/ndisc_notify`, "1");
  const configured = configureInterface(pod.value, args.ifName, result);
  return configured.ok ? ok(result) : configured;
}

function* del(args: CniArgs, context: PluginContext): Task<Result<void, string>> {
  const config = load(args, context.net);
  if (!config.ok) return config;
  const { type } = config.value.ipam;
  if (type !== "") {
    const released = yield* context.delegate("DEL", type, args.config);
    if (!released.ok) return released;
  }
  const pod = args.netns === "" ? undefined : context.openNetns(args.netns);
  return pod?.ok === true ? deleteLink(pod.value, args.ifName) : ok();
}

function validate(
  pod: NetApi,
  context: PluginContext,
  args: CniArgs,
  n: NetConf,
  result: CniResult,
): Result<void, string> {
  const own = interfaceOf(args, result, "Sandbox");
  if (!own.ok) return own;
  if (context.net.link.byName(n.master) === undefined)
    return err(`failed to lookup master "${n.master}": Link not found`);
  const link = pod.link.byName(args.ifName);
  if (link === undefined) return err(`Container Interface name in prevResult: ${args.ifName} not found`);
  if (link.ipvlan === undefined) return err(`Error: Container interface ${args.ifName} not of type ipvlan`);
  const wanted = n.mode === "" ? "l2" : n.mode;
  if (link.ipvlan.mode !== wanted)
    return err(`Container IPVlan mode ${link.ipvlan.mode} does not match expected value: ${wanted}`);
  const mac = sameMac(link, own.value, "Interface");
  return mac.ok ? validateExpected(pod, args.ifName, result) : mac;
}

function* check(args: CniArgs, context: PluginContext): Task<Result<void, string>> {
  const parsed = v.safeParse(NetConfSchema, args.config);
  if (!parsed.success) return err(`failed to load netconf: ${firstIssue(parsed.issues)}`);
  const pod = context.openNetns(args.netns);
  if (!pod.ok) return err(`failed to open netns "${args.netns}": ${pod.error}`);
  const { type } = parsed.output.ipam;
  if (type !== "") {
    const known = yield* context.delegate("CHECK", type, args.config);
    if (!known.ok) return known;
  }
  const raw = args.config["prevResult"];
  if (raw === undefined) return err("Required prevResult missing");
  const previous = parseResult(raw);
  return previous.ok ? validate(pod.value, context, args, parsed.output, previous.value) : previous;
}

/**
 * A device of the pod's own on a link of the node, under the node's MAC: what is told apart are addresses.
 *
 * Models: containernetworking/plugins v1.9.1 plugins/main/ipvlan.
 */
export const ipvlan: CniPlugin = { type: "ipvlan", kind: "main", add, del, check };
