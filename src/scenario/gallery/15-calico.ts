import calico from "../data/calico.yaml?raw";
import { documents, kind, pod, scenario } from "./parts.ts";

/** IPIP only where a router is between two nodes. */
const crossSubnet = calico.replace(/(- name: CALICO_IPV4POOL_IPIP\n\s+value: )"Always"/, '$1"CrossSubnet"');

export default scenario("calico", {
  text: {
    en: "No bridge: every pod has a cable of its own (cali...) and a /32 route on its node, and its gateway 169.254.1.1 exists nowhere; the node answers for it (proxy ARP). BIRD on each node tells the others by BGP, over TCP port 179, which block of addresses is here; BGP only spreads routes, it is the kernel that moves the packets. The pool is set to CrossSubnet: from k1 to k2 the packet goes as it is, to k3 behind the router, who knows nothing of pods, in an IP packet of the nodes (IPIP, tunl0). Felix writes chains and routes; it watches the Kubernetes API, not etcd: datastore_type kubernetes, says the file that the last question prints.",
    zh: "没有网桥：每个 Pod 有自己的一根网线（cali…），节点上有一条到它的 /32 路由；它的网关 169.254.1.1 并不存在，由节点代答（代理 ARP）。每个节点上的 BIRD 用 BGP（TCP 179 端口）告诉其他节点自己有哪一块地址；BGP 只负责传播路由，搬运数据包的是内核。地址池设为 CrossSubnet：从 k1 到 k2，数据包原样发送；到路由器后面的 k3，路由器不认识 Pod，于是装进节点之间的 IP 包里（IPIP，tunl0）。Felix 负责写链和路由；它监听的是 Kubernetes API 而不是 etcd：最后一个问题打印的配置文件里就写着 datastore_type kubernetes。",
  },
  cluster: kind({ workers: 2 }),
  underlay: {
    switches: [{ name: "lan1" }, { name: "lan2" }],
    nodes: [
      { name: "k1", on: "lan1", address: "192.168.1.11/24", gateway: "192.168.1.1" },
      { name: "k2", on: "lan1", address: "192.168.1.12/24", gateway: "192.168.1.1" },
      { name: "k3", on: "lan2", address: "192.168.2.13/24", gateway: "192.168.2.1" },
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
  manifests: [
    { name: "calico.yaml", yaml: crossSubnet },
    {
      name: "pods.yaml",
      yaml: documents(pod("one", "k1"), pod("two", "k2"), pod("three", "k3")),
      after: "pods-ready",
    },
  ],
  setup: "sleep 20\n",
  probes: [
    {
      title: { en: "one pings two, on the same network", zh: "one ping 同一网络里的 two" },
      from: "k1.default.one",
      kind: "ping",
      target: "{k2.default.two}",
      look: {
        en: "First ARP for 169.254.1.1; on eth0 the pods' own addresses.",
        zh: "先是对 169.254.1.1 的 ARP；在 eth0 上是 Pod 自己的地址。",
      },
      expect: {
        outcome: "answered",
        passes: [
          "k1.default.one/eth0 arp host 169.254.1.1",
          "k1/eth0 icmp and src host {k1.default.one}",
          "k2/eth0 icmp",
          "k2.default.two/eth0 icmp",
        ],
        avoids: ["k1/eth0 ip proto 4", "router/eth0 icmp"],
      },
    },
    {
      title: { en: "one pings three, behind the router", zh: "one ping 路由器后面的 three" },
      from: "k1.default.one",
      kind: "ping",
      target: "{k3.default.three}",
      look: { en: "tunl0: an IP packet in an IP packet.", zh: "tunl0：IP 包套 IP 包。" },
      expect: {
        outcome: "answered",
        passes: [
          "k1/tunl0 icmp",
          "k1/eth0 ip proto 4",
          "router/eth0 ip proto 4",
          "k3/tunl0 icmp",
          "k3.default.three/eth0 icmp",
        ],
        avoids: ["router/eth0 icmp"],
      },
    },
    {
      title: { en: "The routes that BIRD brought", zh: "BIRD 带来的路由" },
      from: "k1",
      kind: "shell",
      target: "ip route",
      look: {
        en: "proto bird: k2's block by eth0, k3's by tunl0; one /32 for each pod here.",
        zh: "proto bird：k2 的地址块走 eth0，k3 的走 tunl0；本机每个 Pod 一条 /32。",
      },
      expect: { outcome: "answered", says: "via 192.168.2.13 dev tunl0 proto bird onlink" },
    },
    {
      title: { en: "Who speaks BGP with whom", zh: "谁和谁在讲 BGP" },
      from: "k1",
      kind: "shell",
      target: "calicoctl node status; ss -tn | grep :179",
      look: {
        en: "Every node with every other one, over TCP port 179.",
        zh: "每个节点与其他每个节点，经 TCP 179 端口。",
      },
      expect: { outcome: "answered", says: "Established" },
    },
    {
      title: { en: "The nodes, as calicoctl sees them", zh: "calicoctl 看到的节点" },
      from: "",
      kind: "shell",
      target: "calicoctl get nodes -o wide; calicoctl get ippool -o wide",
      look: { en: "The pool says CrossSubnet.", zh: "地址池写着 CrossSubnet。" },
      expect: { outcome: "answered", says: "CrossSubnet" },
    },
    {
      title: { en: "What the runtime reads", zh: "容器运行时读的配置" },
      from: "k1",
      kind: "shell",
      target: "cat /etc/cni/net.d/10-calico.conflist",
      look: {
        en: "The plugins that are called for each pod, in this order.",
        zh: "为每个 Pod 依次调用的插件。",
      },
      expect: { outcome: "answered", says: '"datastore_type": "kubernetes"' },
    },
  ],
});
