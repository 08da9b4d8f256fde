import flannel from "../data/kube-flannel.yml?raw";
import { documents, kind, pod, scenario } from "./parts.ts";

export default scenario("pod-to-internet", {
  text: {
    en: "A pod opens a page on the Internet. Nobody outside has a way back to 10.244.0.0/16, so the address is changed twice: the node puts its own in the place of the pod's (flannel's rule in FLANNEL-POSTRTG, for whatever leaves the pods' network), and the router at the door puts its public one in the place of the node's. Two machines remember the conversation, and each undoes its own change on the way back. Between pods none of this happens: the rule leaves out what goes to 10.244.0.0/16.",
    zh: "一个 Pod 打开互联网上的网页。外面没有人知道怎么回到 10.244.0.0/16，所以地址要换两次：节点把 Pod 的地址换成自己的（flannel 写在 FLANNEL-POSTRTG 里的规则，针对离开 Pod 网络的流量），门口的路由器再把节点的地址换成公网地址。两台机器各自记住这次会话，返程时各自还原。Pod 之间不会这样：规则把去往 10.244.0.0/16 的流量排除在外。",
  },
  cluster: kind({ workers: 1 }),
  underlay: {
    switches: [{ name: "lan" }],
    cables: [{ name: "uplink", latencyMs: 10 }],
    nodes: ["master", "node1"].map((name, i) => ({
      name,
      on: "lan",
      address: `192.168.1.1${i}/24`,
      gateway: "192.168.1.1",
      nameserver: "203.0.113.80",
    })),
  },
  machines: [
    {
      name: "router",
      role: "router",
      interfaces: [
        { on: "lan", addresses: ["192.168.1.1/24"] },
        { name: "eth1", on: "uplink", addresses: ["203.0.113.2/24"] },
      ],
      masquerade: ["eth1"],
    },
    {
      name: "internet",
      role: "internet",
      interfaces: [{ on: "uplink", addresses: ["203.0.113.80/24"] }],
      names: { "www.example.com": "203.0.113.80" },
      servers: [{ protocol: "http", port: 80, says: "Welcome to the Internet." }],
    },
  ],
  manifests: [
    { name: "kube-flannel.yml", yaml: flannel },
    {
      name: "pods.yaml",
      yaml: documents(pod("surfer", "node1"), pod("other", "master")),
      after: "nodes-ready",
    },
  ],
  probes: [
    {
      title: { en: "surfer opens a page", zh: "surfer 打开一个网页" },
      from: "node1.default.surfer",
      kind: "http",
      target: "http://www.example.com",
      look: {
        en: "Two changes of the source, on the node and on the router.",
        zh: "源地址换了两次：在节点上，在路由器上。",
      },
      expect: {
        outcome: "answered",
        says: "Welcome to the Internet.",
        passes: [
          "node1/cni0 src host {node1.default.surfer} and tcp port 80",
          "node1/eth0 src host 192.168.1.11 and tcp port 80",
          "router/eth1 src host 203.0.113.2 and tcp port 80",
          "internet/eth0 tcp port 80",
        ],
        avoids: ["node1/eth0 tcp and net 10.244.0.0/16", "internet/eth0 net 192.168.1.0/24"],
      },
    },
    {
      title: { en: "What the node remembers", zh: "节点记住了什么" },
      from: "node1",
      kind: "shell",
      target: "conntrack -L -p tcp --dport 80 2>/dev/null; iptables -t nat -S FLANNEL-POSTRTG",
      expect: { outcome: "answered", says: "dst=192.168.1.11" },
    },
    {
      title: { en: "To a pod: no NAT", zh: "访问 Pod：没有 NAT" },
      from: "node1.default.surfer",
      kind: "http",
      target: "http://{master.default.other}",
      expect: {
        outcome: "answered",
        says: "other",
        passes: ["master.default.other/eth0 src host {node1.default.surfer}"],
      },
    },
    {
      title: { en: "Hop by hop", zh: "一跳一跳地走" },
      from: "node1.default.surfer",
      kind: "traceroute",
      target: "203.0.113.80",
      expect: { outcome: "answered", says: "192.168.1.1" },
    },
  ],
});
