import flannel from "../data/kube-flannel.yml?raw";
import { documents, flannelWith, kind, pod, scenario } from "./parts.ts";

export default scenario("host-gw", {
  text: {
    en: "Five steps from 10.244.0.2 to 10.244.1.3: the pod gives the packet to its gateway, cni0; the bridge hands it up to the host; the host's routing table knows the other node as the gateway of 10.244.1.0/24 and finds its MAC by ARP; the other node routes it to its own cni0; there ARP says which MAC has 10.244.1.3, and the bridge's FDB which port that is behind (if it does not know, it floods). No tunnel, no second header. The price: the gateway has to be on the same network. node3 stands behind a router: there the kernel refuses the route (Network is unreachable), and the packet goes to the default gateway, which has never heard of 10.244.2.0/24.",
    zh: "从 10.244.0.2 到 10.244.1.3 走五步：Pod 把包交给网关 cni0；网桥把它交给宿主机；宿主机的路由表说 10.244.1.0/24 的网关是另一个节点，再用 ARP 找到它的 MAC；另一个节点把包路由到自己的 cni0；在那里 ARP 说明 10.244.1.3 的 MAC，网桥的转发表（FDB）说明这个 MAC 在哪个端口后面（不知道就泛洪）。没有隧道，没有第二层包头。代价是：网关必须在同一个网络里。node3 在路由器后面：内核拒绝这条路由（Network is unreachable），数据包只好走默认网关，而默认网关从没听说过 10.244.2.0/24。",
  },
  cluster: kind({ workers: 2 }),
  underlay: {
    switches: [{ name: "lan1" }, { name: "lan2" }],
    nodes: [
      { name: "node1", on: "lan1", address: "192.168.1.11/24", gateway: "192.168.1.1" },
      { name: "node2", on: "lan1", address: "192.168.1.12/24", gateway: "192.168.1.1" },
      { name: "node3", on: "lan2", address: "192.168.2.13/24", gateway: "192.168.2.1" },
    ],
  },
  machines: [
    {
      name: "router",
      role: "router",
      interfaces: [
        { on: "lan1", addresses: ["192.168.1.1/24"] },
        { name: "eth1", on: "lan2", addresses: ["192.168.2.1/24"] },
      ],
    },
  ],
  // No name servers and no storage, so that the pods have the addresses of the text.
  script:
    "kubectl -n kube-system scale deployment coredns --replicas=0\nkubectl -n local-path-storage scale deployment local-path-provisioner --replicas=0\n",
  manifests: [
    { name: "kube-flannel.yml", yaml: flannelWith(flannel, { backend: "host-gw" }) },
    {
      name: "pods.yaml",
      yaml: documents(pod("left", "node1"), pod("neighbour", "node2")),
      after: "nodes-ready",
    },
    { name: "more-pods.yaml", yaml: documents(pod("right", "node2"), pod("far", "node3")) },
  ],
  probes: [
    {
      title: { en: "10.244.0.2 to 10.244.1.3", zh: "从 10.244.0.2 到 10.244.1.3" },
      from: "node1.default.left",
      kind: "ping",
      target: "10.244.1.3",
      look: {
        en: "On eth0 the packet has the pods' addresses; only the MAC addresses are the nodes'.",
        zh: "在 eth0 上，数据包用的是 Pod 的地址，只有 MAC 地址是节点的。",
      },
      expect: {
        outcome: "answered",
        passes: [
          "node1.default.left/eth0 icmp",
          "node1/cni0 icmp",
          "node1/eth0 src host 10.244.0.2 and dst host 10.244.1.3",
          "node2/eth0 icmp",
          "node2/cni0 icmp",
          "node2.default.right/eth0 icmp",
        ],
        avoids: ["router/eth0 icmp", "node1/eth0 udp"],
      },
    },
    {
      title: { en: "The routes of node1", zh: "node1 的路由" },
      from: "node1",
      kind: "shell",
      target: "ip route",
      look: {
        en: "10.244.1.0/24 is behind 192.168.1.12; for 10.244.2.0/24 there is no line.",
        zh: "10.244.1.0/24 在 192.168.1.12 后面；10.244.2.0/24 没有条目。",
      },
      expect: { outcome: "answered", says: "10.244.1.0/24 via 192.168.1.12 dev eth0" },
    },
    {
      title: { en: "To the pod behind the router", zh: "去路由器后面的 Pod" },
      from: "node1.default.left",
      kind: "ping",
      target: "{node3.default.far}",
      look: {
        en: "The router has no way to 10.244.2.0/24, and none back to 10.244.0.2 to say so.",
        zh: "路由器没有到 10.244.2.0/24 的路，也没有回 10.244.0.2 的路，连报错都送不回来。",
      },
      expect: { outcome: "timed-out", passes: ["router/eth0 icmp"], avoids: ["node3/eth0 icmp"] },
    },
    {
      title: { en: "Why: what flanneld says", zh: "原因：flanneld 的日志" },
      from: "",
      kind: "shell",
      target: "kubectl -n kube-flannel logs ds/kube-flannel-ds | grep -i route",
      look: {
        en: "The kernel refused the route: 192.168.2.13 is on no network of node1's.",
        zh: "内核拒绝了这条路由：192.168.2.13 不在 node1 的任何网络上。",
      },
      expect: { outcome: "answered", says: "192.168.2.13" },
    },
    {
      title: { en: "node3 itself can be reached", zh: "node3 本身是可达的" },
      from: "node1",
      kind: "ping",
      target: "192.168.2.13",
      look: {
        en: "Between nodes the router knows the way; only pods' ranges are unknown to it.",
        zh: "节点之间的路，路由器是认识的；它不认识的只是 Pod 网段。",
      },
      expect: { outcome: "answered", passes: ["router/eth0 icmp", "node3/eth0 icmp"] },
    },
  ],
});
