import { Late } from "../base/late.ts";
import type { ImageSpec } from "../container/runtime/images.ts";
import type { NftStep } from "../kernel/uapi/index.ts";
import type { Process, Program } from "../userland/os/process.ts";
import type { ContainerRuntime } from "../container/runtime/cri.ts";
import type { Host } from "../userland/os/host.ts";
import type { ApiStore } from "./api/index.ts";
import type { ProviderOptions } from "./cloud/load-balancer/provider.ts";
import type { Backend } from "./flannel/backend.ts";
import type { HollowKubelet, HollowOptions } from "./hollow/kubelet.ts";
import type { KubeProxyConfig } from "./kube-proxy/config.ts";
import type { SecureProbes } from "./kubelet/secure-probes.ts";
import type { Proxier, ProxyConfig } from "./kube-proxy/proxier.ts";
import type { CloudRouter } from "./node/attachment.ts";

type MakeProxier = (common: ProxyConfig, config: KubeProxyConfig, process: Process) => Proxier;

/** What only some clusters run: its code stays out of what a page's worker starts with. */
export interface Extras {
  /** Of the repositories below. */
  readonly images: (store: ApiStore, router: CloudRouter | undefined) => readonly ImageSpec[];
  /** flannel's, but for vxlan. */
  readonly backends: readonly Backend[];
  /** kube-proxy's, but for iptables. */
  readonly proxiers: Readonly<Record<"ipvs" | "nftables" | "userspace", MakeProxier>>;
  /** The ruleset of a component that speaks nftables. */
  readonly nftSteps: (text: string) => readonly NftStep[];
  readonly crictl: (runtimeOf: (host: Host) => ContainerRuntime | undefined) => Program;
  readonly calicoctl: (store: ApiStore) => Program;
  /** The kubelet's by TLS and gRPC. */
  readonly probes: SecureProbes;
  /** Speaks for the sleeping nodes of a cluster whose images are these. */
  readonly hollow: (
    images: readonly ImageSpec[],
    late: readonly string[],
  ) => (options: Omit<HollowOptions, "images">) => HollowKubelet;
  readonly cloudProviderKind: (options: ProviderOptions) => Program;
}

/** `extra-parts.ts`, once somebody has fetched it. */
export const EXTRAS = new Late<Extras>("parts of the cluster");

/** The repositories whose images come with the extras: known before their code is. */
export const EXTRA_REPOSITORIES: readonly string[] = [
  "docker.io/calico/cni",
  "docker.io/calico/kube-controllers",
  "docker.io/calico/node",
  "docker.io/cloudnativelabs/kube-router",
  "docker.io/kindest/kindnetd",
  "flannelgraph.io/cloud-controller-manager",
  "ghcr.io/k8snetworkplumbingwg/multus-cni",
  "k8s.gcr.io/dns/k8s-dns-node-cache",
  "registry.k8s.io/dns/k8s-dns-node-cache",
  "registry.k8s.io/ingress-nginx/controller",
  "registry.k8s.io/ingress-nginx/kube-webhook-certgen",
  "quay.io/calico/cni",
  "quay.io/calico/kube-controllers",
  "quay.io/calico/node",
];
