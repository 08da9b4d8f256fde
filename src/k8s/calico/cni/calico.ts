import { err, ok, type Result } from "../../../base/result.ts";
import { invoke } from "../../../container/cni/exec.ts";
import { isArray, isObject, type Json, parseJson } from "../../../container/cni/json.ts";
import type { CniArgs, CniPlugin, PluginContext } from "../../../container/cni/plugin.ts";
import type { CniResult } from "../../../container/cni/result.ts";
import type { Task } from "../../../sim/task.ts";
import { formatIpv4, IPV4_ANY, type Ipv4Prefix, parseIpv4, parsePrefix } from "../../../wire/address.ts";
import { ApiClient, type ApiStore, type Pod } from "../../api/index.ts";
import { CalicoClient, vethName } from "../api/index.ts";
import { argument, loadConf, type NetConf, NODENAME_FILE, nodeName, podMtu } from "./config.ts";
import { setUpPod } from "./dataplane.ts";

const ANNOTATION = "cni.projectcalico.org/";
const DEFAULT_ROUTES: readonly Ipv4Prefix[] = [{ address: IPV4_ANY, length: 0 }];
/** Annotations that change what the plugin does and that we do not follow. */
const REFUSED = ["ipAddrsNoIpam", "floatingIPs", "ipFamilies", "allowedSourcePrefixes"];

function* noted(pod: Pod | undefined): Generator<string> {
  for (const name of REFUSED)
    if (pod?.metadata.annotations?.[ANNOTATION + name] !== undefined) yield ANNOTATION + name;
}

/** What must be there before a pod can be connected. Models: plugin.go cmdAdd. */
function unready(conf: NetConf, context: PluginContext, store: ApiStore): string | undefined {
  if (!conf.nodename_file_optional && context.host.fs.stat(NODENAME_FILE) === undefined)
    return `stat ${NODENAME_FILE}: no such file or directory: check that the calico/node container is running and has mounted /var/lib/calico/`;
  const information = new CalicoClient(store, "calico").get("ClusterInformation", "default");
  if (information === undefined)
    return 'error getting ClusterInformation: resource does not exist: ClusterInformation(default) with error: clusterinformations.crd.projectcalico.org "default" not found';
  return information.spec.datastoreReady === true
    ? undefined
    : "Calico is currently not ready to process requests";
}

/** A JSON list of texts in an annotation. */
function listIn(text: string | undefined): readonly string[] | undefined {
  const parsed = text === undefined ? undefined : parseJson(text);
  if (parsed?.ok !== true || !isArray(parsed.value)) return undefined;
  return parsed.value.filter((item) => typeof item === "string");
}

/** The configuration that the IPAM plugin gets: pools of annotations, the node's range for host-local. */
function ipamConfig(
  args: CniArgs,
  conf: NetConf,
  node: string,
  pod: Pod | undefined,
  client: ApiClient,
): Result<CniArgs["config"], string> {
  const ipam: Readonly<Record<string, Json | undefined>> = isObject(args.config["ipam"])
    ? args.config["ipam"]
    : {};
  if (conf.ipam.type === "host-local") {
    if (conf.ipam.subnet !== "usePodCidr") return ok(args.config);
    const cidr = client.get("Node", "", node)?.spec?.podCIDR;
    if (cidr === undefined) return err(`no podCidr for node ${node}`);
    return ok({ ...args.config, ipam: { ...ipam, subnet: cidr } });
  }
  const space = client.get("Namespace", "", pod?.metadata.namespace ?? "");
  const key = `${ANNOTATION}ipv4pools`;
  const names = listIn(pod?.metadata.annotations?.[key]) ?? listIn(space?.metadata.annotations?.[key]);
  return ok(names === undefined ? args.config : { ...args.config, ipam: { ...ipam, ipv4_pools: names } });
}

function routesOf(conf: NetConf): readonly Ipv4Prefix[] {
  const own =
    conf.ipam.type === "host-local" ? conf.ipam.routes.flatMap(({ dst }) => parsePrefix(dst) ?? []) : [];
  if (own.length === 0) return DEFAULT_ROUTES;
  return conf.include_default_routes ? [...DEFAULT_ROUTES, ...own] : own;
}

/** Writes the pod's addresses where felix reads them: the WorkloadEndpoint is the pod. Models: PatchModeCNI. */
function annotate(client: ApiClient, args: CniArgs, pod: Pod, address: string): void {
  const { namespace = "default", name } = pod.metadata;
  client.updateStatus("Pod", namespace, name, (current) => ({
    ...current,
    metadata: {
      ...current.metadata,
      annotations: {
        ...current.metadata.annotations,
        [`${ANNOTATION}containerID`]: args.containerId,
        [`${ANNOTATION}podIP`]: address,
        [`${ANNOTATION}podIPs`]: address,
      },
    },
  }));
}

function* add(args: CniArgs, context: PluginContext, store: ApiStore): Task<Result<CniResult, string>> {
  const loaded = loadConf(args);
  if (!loaded.ok) return loaded;
  const conf = loaded.value;
  const missing = unready(conf, context, store);
  if (missing !== undefined) return err(missing);
  const node = nodeName(conf, context.host);
  const client = new ApiClient(store, `calico ${node}`);
  const namespace = argument(args, "K8S_POD_NAMESPACE");
  const name = argument(args, "K8S_POD_NAME");
  if (name === "")
    return err("flannelgraph: calico for other orchestrators than Kubernetes is not modelled yet");
  const pod = client.get("Pod", namespace, name);
  if (pod === undefined) return err(`pods "${name}" not found`);
  for (const refused of noted(pod)) return err(`flannelgraph: the annotation ${refused} is not modelled yet`);
  const config = ipamConfig(args, conf, node, pod, client);
  if (!config.ok) return config;
  const asked = listIn(pod.metadata.annotations?.[`${ANNOTATION}ipAddrs`])?.[0];
  const address = asked === undefined ? undefined : parseIpv4(asked);
  if (asked !== undefined && address === undefined) return err(`failed to parse IP address ${asked}`);
  const ipam = yield* invoke(context.runner, "ADD", conf.ipam.type, {
    ...args,
    args: asked === undefined ? args.args : `${args.args};IP=${asked}`,
    config: config.value,
  });
  if (!ipam.ok) return ipam;
  const ip = ipam.value.ips[0];
  const result =
    ip === undefined
      ? err("IPAM plugin returned no IP addresses in result")
      : connect(args, conf, context, pod, ip.address);
  if (!result.ok) {
    yield* context.delegate("DEL", conf.ipam.type, config.value);
    return result;
  }
  annotate(client, args, pod, `${formatIpv4(ip?.address.address ?? IPV4_ANY)}/32`);
  return result;
}

function connect(
  args: CniArgs,
  conf: NetConf,
  context: PluginContext,
  pod: Pod,
  { address }: Ipv4Prefix,
): Result<CniResult, string> {
  const netns = context.openNetns(args.netns);
  if (!netns.ok) return err(`failed to open netns "${args.netns}": ${netns.error}`);
  const { namespace = "default", name, annotations = {} } = pod.metadata;
  const hostName = vethName(namespace, name);
  const mac = setUpPod(netns.value, context.net, {
    ifName: args.ifName,
    hostName,
    mtu: podMtu(conf, context.host),
    address,
    routes: routesOf(conf),
    mac: annotations[`${ANNOTATION}hwAddr`],
    allowForwarding: conf.container_settings.allow_ip_forwarding,
  });
  if (!mac.ok) return mac;
  return ok({
    interfaces: [{ name: hostName }, { name: args.ifName, mac: mac.value, sandbox: args.netns }],
    ips: [{ address: { address, length: 32 }, interface: 1 }],
    routes: [],
    dns: {},
  });
}

/** Releases the address first, then the device with its routes. Models: CmdDelK8s. */
function* del(args: CniArgs, context: PluginContext): Task<Result<void, string>> {
  const conf = loadConf(args);
  if (!conf.ok) return conf;
  const released = yield* context.delegate("DEL", conf.value.ipam.type, args.config);
  if (!released.ok) return released;
  const netns = args.netns === "" ? undefined : context.openNetns(args.netns);
  if (netns?.ok !== true) return ok();
  const link = netns.value.link.byName(args.ifName);
  if (link !== undefined) netns.value.link.delete(link.index);
  return ok();
}

/**
 * Connects a pod by routes alone: no bridge, no subnet.
 *
 * Models: cni-plugin v3.31.0 for Kubernetes; IPv4, veth.
 */
export function calico(store: ApiStore): CniPlugin {
  return {
    type: "calico",
    kind: "main",
    versions: ["0.3.0", "0.3.1", "0.4.0", "1.0.0"],
    add: (args, context) => add(args, context, store),
    del,
    *check(): Task<Result<void, string>> {
      return ok();
    },
  };
}
