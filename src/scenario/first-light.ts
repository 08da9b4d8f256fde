import { type Scenario, SCENARIO_VERSION } from "./schema.ts";
import flannel from "./data/kube-flannel.yml?raw";
import guestbook from "./data/guestbook-all-in-one.yaml?raw";

/** A kind cluster without a network plugin, as its configuration file says it. */
const TWO_WORKERS = `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking:
  disableDefaultCNI: true
  podSubnet: 10.244.0.0/16
  serviceSubnet: 10.96.0.0/16
nodes:
- role: control-plane
- role: worker
- role: worker
`;

/** What the page opens on: two workers, flannel, and the guestbook's six pods. */
export const firstLight: Scenario = {
  version: SCENARIO_VERSION,
  name: "Flannel VXLAN, two workers",
  story: {
    title: { en: "Flannel VXLAN, two workers", zh: "Flannel VXLAN，两个工作节点" },
    text: {
      en: "A guestbook on two workers. flannel carries what pods say to each other from node to node inside UDP datagrams.",
      zh: "两个工作节点上的留言簿。flannel 把 Pod 之间的数据装进 UDP 数据报，在节点之间传送。",
    },
  },
  seed: 1,
  cluster: TWO_WORKERS,
  // First the network plugin; the pods come when all nodes are ready, so that they spread over both workers.
  manifests: [
    { name: "kube-flannel.yml", yaml: flannel },
    { name: "guestbook-all-in-one.yaml", yaml: guestbook, after: "nodes-ready" },
  ],
};
