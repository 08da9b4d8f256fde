import flannel from "../data/kube-flannel.yml?raw";
import { documents, kind, pod, scenario } from "./parts.ts";

export default scenario("vxlan", {
  text: {
    en: "The same three nodes, two of them on one network and one behind a router, and now with VXLAN. On every node flannel.1 stands at the mouth of a tunnel. flanneld has written three entries for each other node: a route (the pods' range is behind flannel.1), a neighbour (the far flannel.1's MAC) and an FDB entry (that MAC is at the node's address). The whole Ethernet frame is packed into UDP port 8472, 50 bytes more, so the pods' MTU is 1450. The router forwards it like any packet between nodes and never learns of pods.",
    zh: "同样三个节点，两个在同一网络，一个在路由器后面，这次用 VXLAN。每个节点上的 flannel.1 是隧道口。flanneld 为其他每个节点写三个条目：路由表一条（那个 Pod 网段在 flannel.1 后面）、邻居表一条（对端 flannel.1 的 MAC）、转发表一条（这个 MAC 在哪个节点地址后面）。整个以太网帧被装进 UDP 8472 端口，多出 50 字节，所以 Pod 的 MTU 是 1450。路由器像转发节点之间的普通数据包一样转发它，永远不知道 Pod 的存在。",
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
  manifests: [
    { name: "kube-flannel.yml", yaml: flannel },
    {
      name: "pods.yaml",
      yaml: documents(pod("left", "node1"), pod("right", "node2"), pod("far", "node3")),
      after: "nodes-ready",
    },
  ],
  probes: [
    {
      title: { en: "To the next node", zh: "去隔壁节点" },
      from: "node1.default.left",
      kind: "ping",
      target: "{node2.default.right}",
      look: {
        en: "+50 bytes at flannel.1; the outer packet goes from node1 to node2 without the router.",
        zh: "在 flannel.1 处多出 50 字节；外层数据包从 node1 直达 node2，不经过路由器。",
      },
      expect: {
        outcome: "answered",
        passes: [
          "node1/flannel.1 icmp",
          "node1/eth0 udp port 8472 and dst host 192.168.1.12",
          "node2/flannel.1 icmp",
        ],
        avoids: ["router/eth0 udp port 8472", "node1/eth0 icmp"],
      },
    },
    {
      title: { en: "Across the router", zh: "穿过路由器" },
      from: "node1.default.left",
      kind: "ping",
      target: "{node3.default.far}",
      look: {
        en: "The router sees UDP between nodes, no pods.",
        zh: "路由器看到的是节点之间的 UDP，没有 Pod。",
      },
      expect: {
        outcome: "answered",
        passes: ["router/eth0 udp port 8472", "router/eth1 udp port 8472", "node3/flannel.1 icmp"],
        avoids: ["router/eth0 icmp"],
      },
    },
    {
      title: { en: "The three entries", zh: "那三个条目" },
      from: "node1",
      kind: "shell",
      target: "ip route | grep flannel; ip neigh show dev flannel.1; bridge fdb show dev flannel.1",
      look: {
        en: "Route, neighbour, FDB: two of each, one for each other node.",
        zh: "路由、邻居、转发表：各两条，其他每个节点一条。",
      },
      expect: { outcome: "answered", says: "dst 192.168.2.13 self permanent" },
    },
    {
      title: { en: "Hop by hop", zh: "一跳一跳地走" },
      from: "node1.default.left",
      kind: "traceroute",
      target: "{node3.default.far}",
      look: {
        en: "The router below is no hop of the pods' network.",
        zh: "底下的路由器不是 Pod 网络里的一跳。",
      },
      expect: { outcome: "answered", says: "10.244.2.0" },
    },
  ],
});
