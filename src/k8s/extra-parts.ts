import { nftSteps } from "../formats/nft/steps.ts";
import { calicoctl } from "./calico/cli/calicoctl.ts";
import { calicoImages } from "./calico/images.ts";
import { crictl } from "../container/cli/crictl/crictl.ts";
import { cloudImages } from "./cloud/images.ts";
import { cloudProviderKind } from "./cloud/load-balancer/provider.ts";
import { nodeCacheImages } from "./dns/node-cache.ts";
import type { Extras } from "./extras.ts";
import { alloc } from "./flannel/backends/alloc/alloc.ts";
import { hostGw } from "./flannel/backends/host-gw/host-gw.ts";
import { ipip } from "./flannel/backends/ipip/ipip.ts";
import { ipsec } from "./flannel/backends/ipsec/ipsec.ts";
import { udp } from "./flannel/backends/udp/udp.ts";
import { wireguard } from "./flannel/backends/wireguard/wireguard.ts";
import { imageKnowledge } from "./hollow/foresight.ts";
import { HollowKubelet } from "./hollow/kubelet.ts";
import { ingressNginxImages } from "./ingress-nginx/images.ts";
import { IpvsProxier } from "./kube-proxy/ipvs/proxier.ts";
import { NftablesProxier } from "./kube-proxy/nftables/proxier.ts";
import { UserspaceProxier } from "./kube-proxy/userspace/proxier.ts";
import { kindnetImages } from "./kindnet/images.ts";
import { SECURE_PROBES } from "./kubelet/secure-probes.ts";
import { multusImages } from "./multus/images.ts";
import { kubeRouterImages } from "./network-policy/images.ts";

/** What `extras.ts` stands in for. An image's repository is also named there. */
export const EXTRA_PARTS: Extras = {
  images: (store, router) => [
    ...cloudImages(store, router),
    ...multusImages(store),
    ...kubeRouterImages(store),
    ...calicoImages(store),
    ...ingressNginxImages(store),
    ...kindnetImages(store),
    ...nodeCacheImages(store),
  ],
  backends: [alloc, hostGw, ipip, ipsec, udp, wireguard],
  proxiers: {
    ipvs: (common, config, process) => new IpvsProxier(common, config.ipvs, process.net),
    nftables: (common, _, process) => new NftablesProxier(common, process.net),
    userspace: (common, _, process) => new UserspaceProxier(common, process),
  },
  probes: SECURE_PROBES,
  hollow(specs, late) {
    const images = imageKnowledge(specs, late);
    return (options) => new HollowKubelet({ ...options, images });
  },
  calicoctl,
  crictl,
  cloudProviderKind,
  nftSteps,
};
