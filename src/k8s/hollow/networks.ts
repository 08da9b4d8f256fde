import { repositoryOf } from "../../container/runtime/images.ts";
import type { Random } from "../../sim/random.ts";
import { type Nanos, seconds } from "../../sim/time.ts";
import { formatMac, parseIpv4 } from "../../wire/address.ts";
import { ApiClient, type ApiStore, type Pod } from "../api/index.ts";
import { newMac } from "../flannel/backends/vxlan/device.ts";
import { parseConfig } from "../flannel/config.ts";
import { annotationKeys, NO_BACKEND_DATA, podCidr } from "../flannel/lease.ts";
import { holds, leaseAnnotations, networkAvailable } from "../flannel/subnet-manager.ts";

/** A network plugin whose agent tells the cluster nothing that one could not say without running it. */
export interface NetworkForesight {
  /** The image of its agent. */
  readonly repository: string;
  /** More than it takes from the pod's arrival to a network that works, image pulls included. */
  readonly start: Nanos;
  /** Whether the agent of this pod is as expected. */
  foreseen(store: ApiStore, pod: Pod): boolean;
  /** Writes what the agent of a node will have written. Its name and address are the Node's. */
  announce(store: ApiStore, pod: Pod, address: string, random: Random): void;
}

const kindnet: NetworkForesight = {
  repository: "docker.io/kindest/kindnetd",
  start: seconds(4),
  foreseen: (_, { spec }) =>
    (spec.initContainers ?? []).length === 0 && spec.containers[0]?.args === undefined,
  announce() {
    // kindnetd writes its CNI configuration on the node, and to the API server nothing.
  },
};

const FLANNEL_IMAGE = "ghcr.io/flannel-io/flannel";
const FLANNEL_IMAGES = [FLANNEL_IMAGE, "ghcr.io/flannel-io/flannel-cni-plugin"];
const FLANNEL_ARG = /^--(ip-masq|kube-subnet-mgr|healthz-port=\d+|iface=eth0)$/;
const KEYS = annotationKeys("flannel.alpha.coreos.com");

/** net-conf.json of the ConfigMap that the pod mounts, when it is one whose outcome is known. */
function flannelConfig(
  store: ApiStore,
  pod: Pod,
): { readonly type: string; readonly vni: number } | undefined {
  const { namespace = "default" } = pod.metadata;
  const name = pod.spec.volumes?.find(({ configMap }) => configMap !== undefined)?.configMap?.name ?? "";
  const client = new ApiClient(store, "flanneld");
  const map = client.get("ConfigMap", namespace, name);
  const node = client.get("Node", "", pod.spec.nodeName ?? "");
  const subnet = node === undefined ? undefined : podCidr(node);
  const config = parseConfig(map?.data?.["net-conf.json"] ?? "");
  if (!config.ok || !config.value.enableIpv4 || config.value.enableIpv6) return undefined;
  const { backendType, backend, network } = config.value;
  // Else flanneld ends with an error, again and again.
  if (network === undefined || subnet?.ok !== true || !holds(network, subnet.value)) return undefined;
  const { Type: _, VNI: vni = 1, Port: __, ...others } = backend;
  if (Object.keys(others).length > 0 || typeof vni !== "number") return undefined;
  return backendType === "vxlan" || backendType === "host-gw" ? { type: backendType, vni } : undefined;
}

const flannel: NetworkForesight = {
  repository: FLANNEL_IMAGE,
  start: seconds(12),
  foreseen(store, pod) {
    const { initContainers = [], containers } = pod.spec;
    const { command = [], args = [] } = containers[0] ?? {};
    return (
      initContainers.every(({ image = "" }) => FLANNEL_IMAGES.includes(repositoryOf(image))) &&
      command.join(" ") === "/opt/bin/flanneld" &&
      args.includes("--kube-subnet-mgr") &&
      args.every((arg) => FLANNEL_ARG.test(arg)) &&
      flannelConfig(store, pod) !== undefined
    );
  },
  announce(store, pod, address, random) {
    const node = pod.spec.nodeName ?? "";
    const config = flannelConfig(store, pod);
    const publicIp = parseIpv4(address);
    if (config === undefined || publicIp === undefined || !KEYS.ok) return;
    // flanneld takes the MAC that it finds in the annotation: the device will have it.
    const mac = formatMac(newMac(random));
    const backendData =
      config.type === "vxlan" ? JSON.stringify({ VNI: config.vni, VtepMAC: mac }) : NO_BACKEND_DATA;
    const lease = { publicIp, backendType: config.type, backendData };
    const keys = KEYS.value;
    new ApiClient(store, `flanneld ${node}`).updateStatus("Node", "", node, (current) =>
      networkAvailable(leaseAnnotations(current, keys, lease), store.timestamp()),
    );
  },
};

/** One more is one more entry. */
export const NETWORKS: readonly NetworkForesight[] = [kindnet, flannel];
