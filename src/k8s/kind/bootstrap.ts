import { must } from "../../base/result.ts";
import type { KindConfig } from "../../formats/kind.ts";
import { parseManifest } from "../../formats/manifest.ts";
import { formatIpv4, ipv4, parsePrefix } from "../../wire/address.ts";
import { ApiClient, type ApiStore } from "../api/index.ts";
import { decode } from "../api/decode.ts";
import { startControllers } from "../controllers/index.ts";
import { startScheduler } from "../scheduler/scheduler.ts";
import { coreDns, kubeadmConfig, kubeProxy, PRIORITY_CLASSES, STORAGE } from "./manifests.ts";
import { kindnet } from "./kindnet.ts";

const API_SERVER_PORT = 6443;
const DEFAULT_MASK_SIZE = 24;

/**
 * Brings up the control plane of a new kind cluster on an empty store: the objects that are there from the start, the
 * controllers and the scheduler. The kubelets come after it, with `Cluster.start`.
 * `apiServerAddress` is the control-plane node's: where the Service `kubernetes` leads.
 */
export function bootstrapControlPlane(store: ApiStore, config: KindConfig, apiServerAddress: string): void {
  const { podSubnet, serviceSubnet, kubeProxyMode } = config.networking;
  const server = new ApiClient(store, "kube-apiserver");
  for (const name of ["kube-system", "kube-public", "kube-node-lease", "default"]) {
    server.mustCreate("Namespace", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  startControllers({
    store,
    podSubnet,
    nodeCidrMaskSize: config.kubeadm.nodeCidrMaskSize ?? DEFAULT_MASK_SIZE,
  });
  startScheduler(store);
  applyAll(store, "kube-apiserver", PRIORITY_CLASSES);
  apiService(server, serviceSubnet, apiServerAddress);
  const mode = config.kubeadm.kubeProxyMode ?? kubeProxyMode;
  if (mode !== "none") applyAll(store, "kubeadm", kubeProxy(mode, podSubnet));
  applyAll(store, "kubeadm", coreDns(nth(serviceSubnet, 10), config.kubeadm.dnsDomain ?? "cluster.local"));
  const domain = config.kubeadm.dnsDomain ?? "cluster.local";
  applyAll(store, "kubeadm", kubeadmConfig(podSubnet, serviceSubnet, domain));
  if (!config.networking.disableDefaultCNI)
    applyAll(store, "kind", kindnet(podSubnet, `${config.name}-control-plane:${API_SERVER_PORT}`));
  applyAll(store, "kind", STORAGE);
}

function nth(subnet: string, index: number): string {
  return formatIpv4(ipv4(must(parsePrefix(subnet), `subnet in ${subnet}`).address + index));
}

/** The range of ClusterIPs, and `kubernetes.default`: its first address, leading to the API server. */
function apiService(server: ApiClient, serviceSubnet: string, address: string): void {
  server.mustCreate("ServiceCIDR", {
    apiVersion: "networking.k8s.io/v1",
    kind: "ServiceCIDR",
    metadata: { name: "kubernetes" },
    spec: { cidrs: [serviceSubnet] },
  });
  const port = { name: "https", port: API_SERVER_PORT, protocol: "TCP" };
  const labels = { component: "apiserver", provider: "kubernetes" };
  const clusterIP = nth(serviceSubnet, 1);
  server.mustCreate("Service", {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kubernetes", namespace: "default", labels },
    spec: { clusterIP, ports: [{ ...port, port: 443, targetPort: API_SERVER_PORT }] },
  });
  server.mustCreate("Endpoints", {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: {
      name: "kubernetes",
      namespace: "default",
      labels: { "endpointslice.kubernetes.io/skip-mirror": "true" },
    },
    subsets: [{ addresses: [{ ip: address }], ports: [port] }],
  });
  server.mustCreate("EndpointSlice", {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: "kubernetes",
      namespace: "default",
      labels: { "kubernetes.io/service-name": "kubernetes" },
    },
    addressType: "IPv4",
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [port],
  });
}

/** Our own manifests: every refusal is a bug. */
function applyAll(store: ApiStore, actor: string, text: string): void {
  const manifest = parseManifest(text);
  if (manifest.error !== undefined) throw new Error(`bug: ${manifest.error.kubectl}`);
  for (const { value } of manifest.documents) {
    const [apiVersion, kind] = [String(value["apiVersion"]), String(value["kind"])];
    const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
    const info = must(
      store.resources().find((each) => each.kind === kind && each.group === group),
      `resource for ${apiVersion} ${kind}`,
    );
    const draft = decode(info, value);
    if (!draft.ok) throw new Error(`bug: ${draft.error.message}`);
    const made = store.create(actor, info.id, draft.value);
    if (!made.ok) throw new Error(`bug: ${made.error.message}`);
  }
}
