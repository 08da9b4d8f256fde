import { err, ok, type Result } from "../../../../base/result.ts";
import type { LinkInfo, NetApi } from "../../../../kernel/uapi/index.ts";
import { sleep, type Task } from "../../../../sim/task.ts";
import { millis } from "../../../../sim/time.ts";
import { formatMac, IPV4_ANY, ipv4, network } from "../../../../wire/address.ts";
import { goErrno } from "../../../errno.ts";
import type { CniArgs, CniPlugin, PluginContext } from "../../plugin.ts";
import { type CniIp, type CniResult, type CniRoute, parseResult } from "../../result.ts";
import { configureInterface, trySysctl } from "../../interface.ts";
import { setupMasquerade, teardownMasquerade } from "../../masquerade.ts";
import { type BridgeConfig, loadBridgeConfig, refusal } from "./config.ts";
import { bridgeByName, ensureAddress, ensureBridge, setupVeth } from "./devices.ts";

/** How long the plugin waits for the port to come up, attempt by attempt. */
const PORT_WAITS_MS = [0, 50, 500, 1000, 1000];

/** Index of the pod's interface in the result: after the bridge and the host's end. */
const POD_INTERFACE = 2;

/** Gateways and the default route. Models: bridge calcGateways. */
function withGateways(ipam: CniResult, n: BridgeConfig): { ips: CniIp[]; routes: CniRoute[] } {
  const routes = [...ipam.routes];
  const ips: CniIp[] = [];
  for (const ip of ipam.ips) {
    const first = ipv4(network(ip.address.address, ip.address.length) + 1);
    const gateway = ip.gateway ?? (n.isGateway ? first : undefined);
    ips.push({ ...ip, interface: POD_INTERFACE, ...(gateway !== undefined && { gateway }) });
    const hasDefault = routes.some((r) => r.gw !== undefined && r.dst.length === 0);
    if (n.isDefaultGateway && !hasDefault)
      routes.push({ dst: { address: IPV4_ANY, length: 0 }, ...(gateway !== undefined && { gw: gateway }) });
  }
  return { ips, routes };
}

/** The pod's address, the gateway on the bridge, forwarding. The last three steps of a layer-3 network. */
function configureLayer3(
  result: CniResult,
  n: BridgeConfig,
  bridge: LinkInfo,
  ifName: string,
  pod: NetApi,
  host: NetApi,
): Result<void, string> {
  if (n.enableDad) trySysctl(pod, `net/ipv6/conf/${ifName}/enhanced_dad`, "1");
  trySysctl(pod, `net/ipv6/conf/${ifName}/accept_dad`, n.enableDad ? "1" : "0");
  trySysctl(pod, `net/ipv4/conf/${ifName}/arp_notify`, "1");
  const configured = configureInterface(pod, ifName, result);
  if (!configured.ok || !n.isGateway) return configured;
  for (const ip of result.ips) {
    if (ip.gateway === undefined) continue;
    const gateway = { address: ip.gateway, length: ip.address.length };
    const set = ensureAddress(host, bridge, gateway, n.forceAddress);
    if (!set.ok) return err(`failed to set bridge addr: ${set.error}`);
  }
  const forwarding = host.sysctl.set("net/ipv4/ip_forward", "1");
  return forwarding.ok ? ok() : err(`failed to enable forwarding: ${goErrno(forwarding.error)}`);
}

/** Waits until the bridge port is operationally up. */
function* waitForPort(net: NetApi, name: string): Task<Result<LinkInfo, string>> {
  let state = "unknown";
  for (const waitMs of PORT_WAITS_MS) {
    if (waitMs > 0) yield* sleep(millis(waitMs));
    const port = net.link.byName(name);
    if (port === undefined) return err("Link not found");
    if (port.operState === "UP") return ok(port);
    state = port.operState.toLowerCase();
  }
  return err(`bridge port in error state: ${state}`);
}

/** Everything after the devices exist. On failure the caller gives the address back. */
function* finish(
  args: CniArgs,
  n: BridgeConfig,
  devices: { bridge: LinkInfo; host: LinkInfo; pod: LinkInfo },
  ipam: CniResult,
  pod: NetApi,
  context: PluginContext,
): Task<Result<CniResult, string>> {
  const { ips, routes } = withGateways(ipam, n);
  const shape = (bridge: LinkInfo, host: LinkInfo): CniResult => ({
    interfaces: [
      { name: bridge.name, mac: formatMac(bridge.mac) },
      { name: host.name, mac: formatMac(host.mac) },
      { name: args.ifName, mac: formatMac(devices.pod.mac), sandbox: args.netns },
    ],
    ips,
    routes,
    dns: Object.keys(n.dns).length > 0 ? n.dns : ipam.dns,
  });
  if (n.ipam !== "") {
    const result = shape(devices.bridge, devices.host);
    const done = configureLayer3(result, n, devices.bridge, args.ifName, pod, context.net);
    if (!done.ok) return done;
    if (n.ipMasq) for (const { address } of result.ips) setupMasquerade(context.net, args, address);
  } else if (!n.disableContainerInterface) {
    const up = pod.link.change(devices.pod.index, { up: true });
    if (!up.ok) return err(`failed to set "${args.ifName}" up: ${goErrno(up.error)}`);
  }
  let host = devices.host;
  if (!n.disableContainerInterface) {
    const port = yield* waitForPort(context.net, host.name);
    if (!port.ok) return port;
    host = port.value;
  }
  const bridge = bridgeByName(context.net, n.bridge);
  return bridge.ok ? ok(shape(bridge.value, host)) : bridge;
}

function* add(args: CniArgs, context: PluginContext): Task<Result<CniResult, string>> {
  const config = loadBridgeConfig(args.config, args.args);
  if (!config.ok) return config;
  const n = config.value;
  const refused = refusal(args.config, n);
  if (refused !== undefined) return err(refused);
  const bridge = ensureBridge(context.net, n);
  if (!bridge.ok) return bridge;
  const pod = context.openNetns(args.netns);
  if (!pod.ok) return err(`failed to open netns "${args.netns}": ${pod.error}`);
  const veth = setupVeth(pod.value, context.net, bridge.value, args.ifName, n, context.host.random);
  if (!veth.ok) return veth;
  let ipam: CniResult = { interfaces: [], ips: [], routes: [], dns: {} };
  if (n.ipam !== "") {
    const answer = yield* context.delegate("ADD", n.ipam, args.config);
    if (!answer.ok) return answer;
    if (answer.value.ips.length === 0) return err("IPAM plugin returned missing IP config");
    ipam = answer.value;
  }
  const devices = { bridge: bridge.value, ...veth.value };
  const result = yield* finish(args, n, devices, ipam, pod.value, context);
  if (!result.ok && n.ipam !== "") yield* context.delegate("DEL", n.ipam, args.config);
  return result;
}

function* del(args: CniArgs, context: PluginContext): Task<Result<void, string>> {
  const config = loadBridgeConfig(args.config, args.args);
  if (!config.ok) return config;
  const pod = args.netns === "" ? undefined : context.openNetns(args.netns);
  if (pod?.ok === true) {
    const link = pod.value.link.byName(args.ifName);
    const gone = link === undefined ? ok() : pod.value.link.delete(link.index);
    if (!gone.ok) return err(`failed to delete "${args.ifName}": ${goErrno(gone.error)}`);
  }
  if (config.value.ipMasq) teardownMasquerade(context.net, args);
  if (config.value.ipam === "") return ok();
  const released = yield* context.delegate("DEL", config.value.ipam, args.config);
  return released.ok ? ok() : released;
}

/** Compares what the result claims with what is there. Models: bridge cmdCheck. */
function* check(args: CniArgs, context: PluginContext): Task<Result<void, string>> {
  const config = loadBridgeConfig(args.config, args.args);
  if (!config.ok) return config;
  const pod = context.openNetns(args.netns);
  if (!pod.ok) return err(`failed to open netns "${args.netns}": ${pod.error}`);
  if (config.value.ipam !== "") {
    const known = yield* context.delegate("CHECK", config.value.ipam, args.config);
    if (!known.ok) return known;
  }
  const raw = args.config["prevResult"];
  if (raw === undefined) return err("Required prevResult missing");
  const previous = parseResult(raw);
  if (!previous.ok) return previous;
  if (context.net.link.byName(config.value.bridge) === undefined)
    return err(`CNI created bridge ${config.value.bridge} in host namespace was not found`);
  const link = pod.value.link.byName(args.ifName);
  if (link === undefined) return err(`CNI created interface in container ${args.ifName} not found`);
  const peer = link.peer === undefined ? undefined : context.net.link.byIndex(link.peer.index);
  if (peer?.master === undefined)
    return err(`CNI veth created for bridge ${config.value.bridge} was not found`);
  const addresses = pod.value.address.list().filter((a) => a.dev === link.index);
  for (const ip of previous.value.ips)
    if (!addresses.some((a) => a.local === ip.address.address && a.prefixLength === ip.address.length))
      return err(`Failed to match addr ${args.ifName} on interface ${args.ifName}`);
  return ok();
}

/**
 * A Linux bridge on the node and a veth pair into the pod.
 *
 *   cni0 made and up -> veth pair, host end up -> into the bridge, hairpin -> IPAM ADD -> arp_notify, address, up,
 *   routes in the pod -> gateway address on cni0 -> ip_forward -> wait for the port
 *
 * Models: containernetworking/plugins v1.9.1 plugins/main/bridge.
 */
export const bridge: CniPlugin = { type: "bridge", kind: "main", add, del, check };
