import * as v from "valibot";
import { err, ok, type Result } from "../../../../base/result.ts";
import {
  type LinkInfo,
  type NetApi,
  PROTO_BOOT,
  type RouteSpec,
  SCOPE_HOST,
  SCOPE_LINK,
  SCOPE_UNIVERSE,
} from "../../../../kernel/uapi/index.ts";
import type { Task } from "../../../../sim/task.ts";
import { formatMac, IPV4_ANY, network } from "../../../../wire/address.ts";
import { goErrno } from "../../../errno.ts";
import {
  configureInterface,
  deleteLink,
  interfaceOf,
  sameMac,
  setupVethPair,
  validateExpected,
} from "../../interface.ts";
import { setupMasquerade, teardownMasquerade } from "../../masquerade.ts";
import type { CniArgs, CniPlugin, PluginContext } from "../../plugin.ts";
import { type CniIp, type CniResult, firstIssue, parseResult, schemas } from "../../result.ts";

const NetConfSchema = v.object({
  ipMasq: v.optional(v.boolean(), false),
  ipMasqBackend: v.optional(v.literal("iptables", 'ptp: "ipMasqBackend" nftables is not modelled yet')),
  mtu: v.optional(v.number(), 0),
  ipam: v.optional(v.looseObject({ type: v.optional(v.string(), "") }), { type: "" }),
  dns: v.optional(schemas.dns, {}),
});

type NetConf = v.InferOutput<typeof NetConfSchema>;

function load(args: CniArgs): Result<NetConf, string> {
  const parsed = v.safeParse(NetConfSchema, args.config);
  return parsed.success ? ok(parsed.output) : err(`failed to load netconf: ${firstIssue(parsed.issues)}`);
}

/**
 * The kernel's connected route goes, and all traffic, also to the own network, takes the gateway, which alone is on the
 * link. Models: the second half of setupContainerVeth.
 */
function replaceRoutes(pod: NetApi, { index: dev }: LinkInfo, ip: CniIp): Result<void, string> {
  const { address, length } = ip.address;
  const own = { address: network(address, length), length };
  const gone = pod.route.delete({ dst: own, nexthops: [{ dev }] });
  if (!gone.ok) return err(`failed to delete route: ${goErrno(gone.error)}`);
  const gateway = ip.gateway ?? IPV4_ANY;
  const common = { protocol: PROTO_BOOT, prefSrc: address };
  const routes: RouteSpec[] = [
    { ...common, dst: { address: gateway, length: 32 }, scope: SCOPE_LINK, nexthops: [{ dev }] },
    { ...common, dst: own, scope: SCOPE_UNIVERSE, nexthops: [{ dev, gateway }] },
  ];
  for (const route of routes) {
    const added = pod.route.add(route, "add");
    if (!added.ok) return err(`failed to add route: ${goErrno(added.error)}`);
  }
  return ok();
}

/** The gateway's address on the host's end, and the way to the pod. Models: setupHostVeth. */
function configureHost(host: NetApi, name: string, result: CniResult): Result<void, string> {
  const veth = host.link.byName(name);
  if (veth === undefined) return err(`failed to lookup "${name}": Link not found`);
  for (const { address, gateway } of result.ips) {
    const dev = veth.index;
    const added = host.address.add({ dev, local: gateway ?? IPV4_ANY, prefixLength: 32 });
    if (!added.ok) return err(`failed to add IP addr to veth: ${goErrno(added.error)}`);
    const route: RouteSpec = {
      dst: { address: address.address, length: 32 },
      protocol: PROTO_BOOT,
      scope: SCOPE_HOST,
      nexthops: [{ dev }],
    };
    const routed = host.route.add(route, "add");
    if (!routed.ok && routed.error.errno !== "EEXIST")
      return err(`failed to add route on host: ${goErrno(routed.error)}`);
  }
  return ok();
}

/** The pair and both its ends. */
function connect(
  args: CniArgs,
  n: NetConf,
  ipam: CniResult,
  context: PluginContext,
): Result<CniResult, string> {
  const pod = context.openNetns(args.netns);
  if (!pod.ok) return err(`failed to open netns "${args.netns}": ${pod.error}`);
  const veth = setupVethPair(pod.value, context.net, args.ifName, n, context.host.random);
  if (!veth.ok) return veth;
  const { host, pod: own } = veth.value;
  const result: CniResult = {
    interfaces: [
      { name: host.name, mac: formatMac(host.mac) },
      { name: args.ifName, mac: formatMac(own.mac), sandbox: args.netns },
    ],
    ips: ipam.ips.map((ip) => ({ ...ip, interface: 1 })),
    routes: ipam.routes,
    dns: Object.keys(n.dns).length > 0 ? n.dns : ipam.dns,
  };
  const configured = configureInterface(pod.value, args.ifName, result);
  if (!configured.ok) return configured;
  for (const ip of result.ips) {
    const replaced = replaceRoutes(pod.value, own, ip);
    if (!replaced.ok) return replaced;
  }
  const outside = configureHost(context.net, host.name, result);
  if (!outside.ok) return outside;
  if (n.ipMasq) for (const { address } of result.ips) setupMasquerade(context.net, args, address);
  return ok(result);
}

function* add(args: CniArgs, context: PluginContext): Task<Result<CniResult, string>> {
  const n = load(args);
  if (!n.ok) return n;
  const ipam = yield* context.delegate("ADD", n.value.ipam.type, args.config);
  if (!ipam.ok) return ipam;
  const forwarding = context.net.sysctl.set("net/ipv4/ip_forward", "1");
  const result =
    ipam.value.ips.length === 0
      ? err("IPAM plugin returned missing IP config")
      : forwarding.ok
        ? connect(args, n.value, ipam.value, context)
        : err(`Could not enable IP forwarding: ${goErrno(forwarding.error)}`);
  if (!result.ok) yield* context.delegate("DEL", n.value.ipam.type, args.config);
  return result;
}

function* del(args: CniArgs, context: PluginContext): Task<Result<void, string>> {
  const n = load(args);
  if (!n.ok) return n;
  const released = yield* context.delegate("DEL", n.value.ipam.type, args.config);
  if (!released.ok) return released;
  const pod = args.netns === "" ? undefined : context.openNetns(args.netns);
  if (pod?.ok !== true || pod.value.link.byName(args.ifName) === undefined) return ok();
  const gone = deleteLink(pod.value, args.ifName);
  if (gone.ok && n.value.ipMasq) teardownMasquerade(context.net, args);
  return gone;
}

function* check(args: CniArgs, context: PluginContext): Task<Result<void, string>> {
  const n = load(args);
  if (!n.ok) return n;
  const pod = context.openNetns(args.netns);
  if (!pod.ok) return err(`failed to open netns "${args.netns}": ${pod.error}`);
  const known = yield* context.delegate("CHECK", n.value.ipam.type, args.config);
  if (!known.ok) return known;
  const raw = args.config["prevResult"];
  if (raw === undefined) return err("ptp: Required prevResult missing");
  const previous = parseResult(raw);
  if (!previous.ok) return previous;
  const own = interfaceOf(args, previous.value, "Sandbox");
  if (!own.ok) return own;
  const link = pod.value.link.byName(args.ifName);
  if (link === undefined) return err(`ptp: Container Interface name in prevResult: ${args.ifName} not found`);
  if (link.kind !== "veth") return err(`Error: Container interface ${args.ifName} not of type veth/p2p`);
  const mac = sameMac(link, own.value, "ptp: Interface");
  return mac.ok ? validateExpected(pod.value, args.ifName, previous.value) : mac;
}

/**
 * A veth pair without a bridge: the host's end has the gateway's address, and the host a route to each pod.
 *
 * Models: containernetworking/plugins v1.9.1 plugins/main/ptp.
 */
export const ptp: CniPlugin = { type: "ptp", kind: "main", add, del, check };
