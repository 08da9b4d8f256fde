import * as v from "valibot";
import { err, ok, type Result } from "../../../../base/result.ts";
import type { NetApi } from "../../../../kernel/uapi/index.ts";
import type { Task } from "../../../../sim/task.ts";
import { formatMac, parseMac } from "../../../../wire/address.ts";
import { goErrno } from "../../../errno.ts";
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
  mac: v.optional(v.string(), ""),
  linkInContainer: v.optional(v.literal(false, 'macvlan: "linkInContainer" is not modelled yet'), false),
  bcqueuelen: v.optional(v.number()),
  ipam: v.optional(v.looseObject({ type: v.optional(v.string(), "") }), { type: "" }),
  dns: v.optional(schemas.dns, {}),
  runtimeConfig: v.optional(v.object({ mac: v.optional(v.string(), "") }), { mac: "" }),
});

interface MacvlanConfig {
  readonly master: string;
  readonly mode: string;
  readonly mtu: number;
  readonly mac: string;
  readonly ipam: string;
  readonly dns: CniResult["dns"];
}

const MODES = ["bridge", "private", "vepa", "passthru"];

/** Models: macvlan loadConf. The errors that it makes itself have nothing before them. */
function load(args: CniArgs, net: NetApi): Result<MacvlanConfig, string> {
  const parsed = v.safeParse(NetConfSchema, args.config);
  if (!parsed.success) return err(`failed to load netconf: ${firstIssue(parsed.issues)}`);
  const n = parsed.output;
  const master = n.master === "" ? defaultRouteInterface(net) : ok(n.master);
  if (!master.ok) return master;
  const outer = net.link.byName(master.value);
  if (outer === undefined) return err("Link not found");
  if (n.mtu < 0 || n.mtu > outer.mtu)
    return err(`invalid MTU ${n.mtu}, must be [0, master MTU(${outer.mtu})]`);
  const fromArgs = args.args
    .split(";")
    .find((pair) => pair.startsWith("MAC="))
    ?.slice(4);
  const mac = n.runtimeConfig.mac !== "" ? n.runtimeConfig.mac : (fromArgs ?? n.mac);
  return ok({ master: master.value, mode: n.mode, mtu: n.mtu, mac, ipam: n.ipam.type, dns: n.dns });
}

function create(
  n: MacvlanConfig,
  args: CniArgs,
  pod: NetApi,
  context: PluginContext,
): ReturnType<typeof makeSlave> {
  if (n.mode !== "" && !MODES.includes(n.mode)) return err(`unknown macvlan mode: "${n.mode}"`);
  const outer = context.net.link.byName(n.master);
  if (outer === undefined) return err(`failed to lookup master "${n.master}": Link not found`);
  if (n.mac !== "" && parseMac(n.mac) === undefined)
    return err(`invalid args ${n.mac} for MAC addr: address ${n.mac}: invalid MAC address`);
  const spec = {
    kind: "macvlan",
    lower: outer.index,
    lowerNetns: context.net.netns,
    mode: n.mode,
    mtu: n.mtu,
    ...(n.mac !== "" && { mac: n.mac }),
  } as const;
  return makeSlave(pod, args.ifName, spec, context.host.random);
}

function* add(args: CniArgs, context: PluginContext): Task<Result<CniResult, string>> {
  const config = load(args, context.net);
  if (!config.ok) return config;
  const n = config.value;
  const pod = context.openNetns(args.netns);
  if (!pod.ok) return err(`failed to open netns "${args.netns}": ${pod.error}`);
  const link = create(n, args, pod.value, context);
  if (!link.ok) return link;
  const interfaces = [{ name: args.ifName, mac: formatMac(link.value.mac), sandbox: args.netns }];
  if (n.ipam === "") {
    const up = pod.value.link.change(link.value.index, { up: true });
    if (up.ok) return ok({ interfaces, ips: [], routes: [], dns: n.dns });
    pod.value.link.delete(link.value.index);
    return err(`failed to set "${args.ifName}" UP: ${goErrno(up.error)}`);
  }
  // From here on the device stays when something fails: the runtime's DEL takes it away.
  const ipam = yield* context.delegate("ADD", n.ipam, args.config);
  if (!ipam.ok) return ipam;
  const ips = ipam.value.ips.map((ip) => ({ ...ip, interface: 0 }));
  const result = { interfaces, ips, routes: ipam.value.routes, dns: n.dns };
  trySysctl(pod.value, `net/ipv4/conf/${args.ifName}/arp_notify`, "1");
  trySysctl(pod.value, `net/ipv6/conf/${args.ifName}/ndisc_notify`, "1");
  const configured =
    ips.length === 0
      ? err("IPAM plugin returned missing IP config")
      : configureInterface(pod.value, args.ifName, result);
  if (configured.ok) return ok(result);
  yield* context.delegate("DEL", n.ipam, args.config);
  return configured;
}

function* del(args: CniArgs, context: PluginContext): Task<Result<void, string>> {
  const parsed = v.safeParse(NetConfSchema, args.config);
  if (!parsed.success) return err(`failed to load netConf: ${firstIssue(parsed.issues)}`);
  const { type } = parsed.output.ipam;
  if (type !== "") {
    const released = yield* context.delegate("DEL", type, args.config);
    if (!released.ok) return released;
  }
  const pod = args.netns === "" ? undefined : context.openNetns(args.netns);
  return pod?.ok === true ? deleteLink(pod.value, args.ifName) : ok();
}

function validate(pod: NetApi, args: CniArgs, mode: string, result: CniResult): Result<void, string> {
  const own = interfaceOf(args, result, "sandbox");
  if (!own.ok) return own;
  const link = pod.link.byName(args.ifName);
  if (link === undefined) return err(`container interface name in prevResult: ${args.ifName} not found`);
  if (link.macvlan === undefined) return err(`error: Container interface ${args.ifName} not of type macvlan`);
  const wanted = mode === "" ? "bridge" : mode;
  if (link.macvlan.mode !== wanted)
    return err(`container macvlan mode ${link.macvlan.mode} does not match expected value: ${wanted}`);
  const mac = sameMac(link, own.value, "interface");
  return mac.ok ? validateExpected(pod, args.ifName, result) : mac;
}

function* check(args: CniArgs, context: PluginContext): Task<Result<void, string>> {
  const config = load(args, context.net);
  if (!config.ok) return config;
  const pod = context.openNetns(args.netns);
  if (!pod.ok) return err(`failed to open netns "${args.netns}": ${pod.error}`);
  if (config.value.ipam !== "") {
    const known = yield* context.delegate("CHECK", config.value.ipam, args.config);
    if (!known.ok) return known;
  }
  const raw = args.config["prevResult"];
  if (raw === undefined) return err("required prevResult missing");
  const previous = parseResult(raw);
  return previous.ok ? validate(pod.value, args, config.value.mode, previous.value) : previous;
}

/**
 * A device of the pod's own on a link of the node, with a MAC of its own: a neighbour of the node, not behind it. Node
 * and pod do not hear each other.
 *
 * Models: containernetworking/plugins v1.9.1 plugins/main/macvlan.
 */
export const macvlan: CniPlugin = { type: "macvlan", kind: "main", add, del, check };
