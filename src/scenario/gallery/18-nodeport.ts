import flannel from "../data/kube-flannel.yml?raw";
import { documents, kind, pod, scenario } from "./parts.ts";

const services = (["Cluster", "Local"] as const)
  .map(
    (policy, i) => `apiVersion: v1
kind: Service
metadata:
  name: shop-${policy.toLowerCase()}
spec:
  type: NodePort
  externalTrafficPolicy: ${policy}
  selector:
    app: shop
  ports:
  - port: 80
    nodePort: ${30080 + i}
`,
  )
  .join("---\n");

export default scenario("nodeport", {
  text: {
    en: "One pod, shop, lives on node2. A client outside calls node1's node port. With externalTrafficPolicy Cluster (port 30080) every node answers: node1 sends the packet on to node2, and must put its own address in the sender's place, or the answer would go straight from node2 to the client, who never asked node2. So shop sees node1 as its guest. With Local (port 30081) no address is changed and shop sees the client; but only the node where the pod is answers, and node1 drops the packet without a word. The policy exists for NodePort and LoadBalancer only; with a ClusterIP Service it is refused.",
    zh: "唯一的 Pod shop 在 node2 上。外面的客户端访问 node1 的节点端口。externalTrafficPolicy 为 Cluster 时（端口 30080），每个节点都应答：node1 把包转给 node2，并且必须把源地址换成自己的，否则 node2 会直接回复客户端，而客户端从没有问过 node2。所以 shop 看到的访客是 node1。为 Local 时（端口 30081），地址不变，shop 看到真正的客户端；但只有 Pod 所在的节点应答，node1 会一声不吭地丢掉包。这个策略只适用于 NodePort 和 LoadBalancer，写在 ClusterIP 服务上会被拒绝。",
  },
  cluster: kind({ workers: 2 }),
  underlay: {
    switches: [{ name: "lan" }],
    nodes: [
      { name: "master", on: "lan", address: "192.168.1.10/24", gateway: "192.168.1.1" },
      { name: "node1", on: "lan", address: "192.168.1.11/24", gateway: "192.168.1.1" },
      { name: "node2", on: "lan", address: "192.168.1.12/24", gateway: "192.168.1.1" },
    ],
  },
  machines: [
    { name: "client", role: "client", interfaces: [{ on: "lan", addresses: ["192.168.1.100/24"] }] },
  ],
  manifests: [
    { name: "kube-flannel.yml", yaml: flannel },
    { name: "shop.yaml", yaml: documents(pod("shop", "node2"), services), after: "nodes-ready" },
  ],
  probes: [
    {
      title: { en: "Cluster: by the node without the pod", zh: "Cluster：经过没有 Pod 的节点" },
      from: "client",
      kind: "http",
      target: "http://192.168.1.11:30080",
      look: {
        en: "DNAT and SNAT on node1; the answer comes back through node1.",
        zh: "node1 上既有 DNAT 又有 SNAT；应答也经 node1 返回。",
      },
      expect: {
        outcome: "answered",
        passes: [
          "node1/eth0 src host 192.168.1.100 and dst port 30080",
          "node1/flannel.1 tcp",
          "node2.default.shop/eth0 tcp and not host 192.168.1.100",
          "client/eth0 src host 192.168.1.11",
        ],
        avoids: ["node2.default.shop/eth0 host 192.168.1.100", "client/eth0 tcp and host 192.168.1.12"],
      },
    },
    {
      title: { en: "Local: by the node with the pod", zh: "Local：经过有 Pod 的节点" },
      from: "client",
      kind: "http",
      target: "http://192.168.1.12:30081",
      expect: { outcome: "answered", passes: ["node2.default.shop/eth0 src host 192.168.1.100"] },
    },
    {
      title: { en: "Local: by the node without the pod", zh: "Local：经过没有 Pod 的节点" },
      from: "client",
      kind: "http",
      target: "http://192.168.1.11:30081",
      expect: {
        outcome: "timed-out",
        passes: ["node1/eth0 dst port 30081"],
        avoids: ["node2/eth0 udp port 8472"],
      },
    },
    {
      title: { en: "The policy on a ClusterIP Service", zh: "把策略写在 ClusterIP 服务上" },
      from: "",
      kind: "shell",
      target:
        'kubectl create service clusterip plain --tcp=80:80 && kubectl patch svc plain -p \'{"spec":{"externalTrafficPolicy":"Local"}}\'',
      expect: { outcome: "failed", says: "may only be set for externally-accessible services" },
    },
  ],
});
