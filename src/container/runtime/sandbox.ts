import { err, ok, type Result } from "../../base/result.ts";
import type { Task } from "../../sim/task.ts";
import type { Host } from "../../userland/os/host.ts";
import { addNetworkList, type Attachment, type CniRunner, delNetworkList } from "../cni/chain.ts";
import { loadNetwork, type NetworkConfigList } from "../cni/config.ts";
import type { CniObserver } from "../cni/exec.ts";
import type { CniPlugin } from "../cni/plugin.ts";
import type { Json, JsonObject } from "../cni/json.ts";
import { goErrno } from "../errno.ts";
import { makeDirectories, writeText } from "../files.ts";
import type { Sandbox, SandboxConfig } from "./types.ts";

export const CNI_CONF_DIR = "/etc/cni/net.d";
export const CNI_BIN_DIR = "/opt/cni/bin";
const NETNS_DIR = "/var/run/netns";
const HEX = "0123456789abcdef";

/** What a network namespace of a pod is called in traces and captures. */
export function netnsLabel(node: string, config: SandboxConfig): string {
  return `${node}.${config.pod.namespace}.${config.pod.name}`;
}

/** Models: containerd pkg/netns newNS: 16 random bytes in hex, in groups of 4-2-2-2-6. */
function netnsName(host: Host): string {
  const digits = (n: number): string => host.random.text(n, HEX);
  return `cni-${digits(8)}-${digits(4)}-${digits(4)}-${digits(4)}-${digits(12)}`;
}

/** A namespace bind-mounted below /var/run/netns, with lo up; or the node's own. */
export function openNetns(
  host: Host,
  config: SandboxConfig,
): Result<Pick<Sandbox, "netns" | "netnsPath">, string> {
  if (config.hostNetwork) {
    host.kernel.holdNetns(host.netns);
    return ok({ netns: host.netns, netnsPath: "" });
  }
  const netns = host.kernel.createNetns(netnsLabel(host.name, config));
  const name = netnsName(host);
  host.netnsNames.set(name, netns);
  makeDirectories(host.fs, NETNS_DIR);
  const net = host.kernel.open(netns, { name: "containerd", detail: "RunPodSandbox" });
  const lo = net.link.byName("lo");
  const up = lo === undefined ? ok() : net.link.change(lo.index, { up: true });
  if (!up.ok) return err(`failed to bring up the loopback interface: ${goErrno(up.error)}`);
  return ok({ netns, netnsPath: `${NETNS_DIR}/${name}` });
}

/** Unmounts the namespace: with the last process gone it ceases to be, and its devices with it. */
export function closeNetns(host: Host, sandbox: Sandbox): void {
  if (sandbox.netnsPath !== "") host.netnsNames.delete(sandbox.netnsPath.slice(NETNS_DIR.length + 1));
  host.kernel.releaseNetns(sandbox.netns);
}

/** Models: containerd toCNIBandWidth. */
const LARGEST_BURST = 0xffff_ffff;

function capabilityArgs(config: SandboxConfig): JsonObject {
  const portMappings: Json[] = config.portMappings
    .filter((mapping) => mapping.hostPort > 0)
    .map((m) => ({
      hostPort: m.hostPort,
      containerPort: m.containerPort,
      protocol: m.protocol,
      hostIP: m.hostIp,
    }));
  const { ingress, egress } = config.bandwidth ?? {};
  const bandwidth: JsonObject = {
    ingressRate: ingress ?? 0,
    ingressBurst: ingress === undefined ? 0 : LARGEST_BURST,
    egressRate: egress ?? 0,
    egressBurst: egress === undefined ? 0 : LARGEST_BURST,
  };
  return {
    ...(portMappings.length > 0 && { portMappings }),
    ...((ingress !== undefined || egress !== undefined) && { bandwidth }),
  };
}

function attachment(sandbox: Sandbox): Attachment {
  const { pod, ip } = sandbox.config;
  return {
    containerId: sandbox.id,
    netns: sandbox.netnsPath,
    ifName: "eth0",
    args: [
      ["IgnoreUnknown", "1"],
      ["K8S_POD_NAMESPACE", pod.namespace],
      ["K8S_POD_NAME", pod.name],
      ["K8S_POD_INFRA_CONTAINER_ID", sandbox.id],
      ["K8S_POD_UID", pod.uid],
      ...(ip === undefined ? [] : [["IP", ip] as const]),
    ],
    capabilityArgs: capabilityArgs(sandbox.config),
  };
}

/** Who watches the plugins, and which there are besides our own. */
export interface CniOptions {
  readonly observe: CniObserver | undefined;
  readonly plugins: readonly CniPlugin[];
}

function runner(host: Host, options: CniOptions): CniRunner {
  return { host, path: [CNI_BIN_DIR], ...options };
}

/** The network of the node, or that there is none. Models: go-cni Status. */
export function nodeNetwork(host: Host): Result<NetworkConfigList, string> {
  const network = loadNetwork(host.fs, CNI_CONF_DIR);
  return network.ok ? network : err("cni plugin not initialized");
}

/** CNI ADD of eth0. What a failed ADD left behind is taken away with DEL. */
export function* attach(host: Host, sandbox: Sandbox, options: CniOptions): Task<Result<void, string>> {
  const network = nodeNetwork(host);
  if (!network.ok) return err(`failed to setup network for sandbox "${sandbox.id}": ${network.error}`);
  sandbox.network = network.value;
  const result = yield* addNetworkList(runner(host, options), network.value, attachment(sandbox));
  if (!result.ok) {
    yield* detach(host, sandbox, options);
    return err(`failed to setup network for sandbox "${sandbox.id}": ${result.error}`);
  }
  const eth0 = result.value.interfaces.findIndex((i) => i.name === "eth0" && i.sandbox !== undefined);
  const ip = result.value.ips.find((candidate) => candidate.interface === eth0) ?? result.value.ips[0];
  if (ip === undefined)
    return err(
      `failed to setup network for sandbox "${sandbox.id}": failed to find network info for sandbox "${sandbox.id}"`,
    );
  sandbox.result = result.value;
  sandbox.ip = ip.address.address;
  return ok();
}

/** CNI DEL. */
export function* detach(host: Host, sandbox: Sandbox, options: CniOptions): Task<Result<void, string>> {
  const { network } = sandbox;
  if (network === undefined) return ok();
  const gone = yield* delNetworkList(runner(host, options), network, attachment(sandbox));
  if (!gone.ok) return err(`failed to destroy network for sandbox "${sandbox.id}": ${gone.error}`);
  sandbox.network = undefined;
  return ok();
}

/** Where containerd keeps what the sandbox's containers share. */
export function sandboxDir(id: string): string {
  return `/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${id}`;
}

/** /etc/hostname and /etc/resolv.conf of the pod. Models: containerd setupSandboxFiles, parseDNSOptions. */
export function writeSandboxFiles(host: Host, sandbox: Sandbox): void {
  const { dns, hostname } = sandbox.config;
  const lines = [
    ...(dns.searches.length > 0 ? [`search ${dns.searches.join(" ")}`] : []),
    ...dns.servers.map((server) => `nameserver ${server}`),
    ...(dns.options.length > 0 ? [`options ${dns.options.join(" ")}`] : []),
  ];
  const dir = sandboxDir(sandbox.id);
  writeText(host.fs, `${dir}/resolv.conf`, lines.map((line) => `${line}\n`).join(""));
  writeText(host.fs, `${dir}/hostname`, `${hostname}\n`);
}
