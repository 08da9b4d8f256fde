import flannel from "../data/kube-flannel.yml?raw";
import multus from "../data/multus-daemonset.yml?raw";
import { documents, kind, pod, scenario } from "./parts.ts";

function attachment(name: string, plugin: string, range: string): string {
  const config = `{"cniVersion": "0.3.1", ${plugin}, "master": "eth0", "ipam": {"type": "host-local", "subnet": "192.168.1.0/24", "rangeStart": "${range}", "rangeEnd": "${range.replace(/\d+$/, (n) => String(Number(n) + 9))}"}}`;
  return `apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata:
  name: ${name}
spec:
  config: '${config}'
`;
}

const withNetwork = (name: string, node: string, network: string): string =>
  pod(name, node).replace(
    "  labels:\n",
    `  annotations:\n    k8s.v1.cni.cncf.io/networks: ${network}\n  labels:\n`,
  );

export default scenario("two-nics", {
  text: {
    en: "A pod with two cards: eth0 in the pods' network, as always, and net1 directly on the LAN of the nodes, where the storage is. Multus is the plugin that calls plugins: first the cluster's own, then those that the pod's annotation names. macvlan gives net1 a MAC address of its own, as if there were another machine on the switch; ipvlan shares the node's MAC and tells by IP address. Both have a trap: the node itself cannot reach its own macvlan pods by this way. Cards passed through (SR-IOV) and eBPF data planes are not modelled.",
    zh: "一个有两块网卡的 Pod：eth0 照常在 Pod 网络里，net1 直接接在节点所在的局域网上，存储就在那里。Multus 是调用插件的插件：先调用集群自己的插件，再调用 Pod 注解里点名的插件。macvlan 让 net1 有自己的 MAC 地址，就像交换机上多了一台机器；ipvlan 共用节点的 MAC，靠 IP 地址区分。两者都有一个陷阱：节点自己无法经这条路访问本机的 macvlan Pod。网卡直通（SR-IOV）和 eBPF 数据面没有建模。",
  },
  cluster: kind({ workers: 2 }),
  underlay: {
    switches: [{ name: "lan" }],
    nodes: ["master", "node1", "node2"].map((name, i) => ({
      name,
      on: "lan",
      address: `192.168.1.1${i}/24`,
      gateway: "192.168.1.1",
    })),
  },
  machines: [
    {
      name: "storage",
      role: "linux",
      interfaces: [{ on: "lan", addresses: ["192.168.1.50/24"] }],
      servers: [{ protocol: "http", port: 80, says: "the storage" }],
    },
  ],
  manifests: [
    { name: "kube-flannel.yml", yaml: flannel },
    { name: "multus-daemonset.yml", yaml: multus, after: "nodes-ready" },
    {
      name: "networks.yaml",
      yaml: documents(
        attachment("lan-macvlan", '"type": "macvlan", "mode": "bridge"', "192.168.1.200"),
        attachment("lan-ipvlan", '"type": "ipvlan", "mode": "l2"', "192.168.1.220"),
      ),
      after: "pods-ready",
    },
    {
      name: "pods.yaml",
      yaml: documents(
        withNetwork("mac", "node1", "lan-macvlan"),
        withNetwork("ipv", "node2", "lan-ipvlan"),
        pod("plain", "node2"),
      ),
    },
  ],
  probes: [
    {
      title: { en: "Two cards, two ways", zh: "两块网卡，两条路" },
      from: "node1.default.mac",
      kind: "shell",
      target: "ip -br addr; ip route",
      expect: { outcome: "answered", says: "192.168.1.0/24 dev net1" },
    },
    {
      title: { en: "mac asks the storage by net1", zh: "mac 经 net1 访问存储" },
      from: "node1.default.mac",
      kind: "http",
      target: "http://192.168.1.50",
      look: {
        en: "Past cni0, past the node's NAT: the storage sees the pod.",
        zh: "不经 cni0，不经节点的 NAT：存储看到的就是 Pod。",
      },
      expect: {
        outcome: "answered",
        says: "the storage",
        passes: ["node1.default.mac/net1 tcp", "storage/eth0 src host 192.168.1.200 and tcp"],
        avoids: ["node1.default.mac/eth0 tcp", "node1/cni0 tcp port 80"],
      },
    },
    {
      title: { en: "ipv asks the storage by net1", zh: "ipv 经 net1 访问存储" },
      from: "node2.default.ipv",
      kind: "http",
      target: "http://192.168.1.50",
      expect: {
        outcome: "answered",
        says: "the storage",
        passes: ["storage/eth0 src host 192.168.1.220 and tcp"],
      },
    },
    {
      title: { en: "mac asks a pod by eth0", zh: "mac 经 eth0 访问别的 Pod" },
      from: "node1.default.mac",
      kind: "http",
      target: "http://{node2.default.plain}",
      expect: {
        outcome: "answered",
        says: "plain",
        passes: ["node1/flannel.1 tcp"],
        avoids: ["node1.default.mac/net1 tcp"],
      },
    },
    {
      title: { en: "The node calls its own macvlan pod", zh: "节点访问自己的 macvlan Pod" },
      from: "node1",
      kind: "shell",
      target: "ping -c1 -W4 192.168.1.200",
      look: {
        en: "The question goes out by the card and never comes back in.",
        zh: "提问从网卡出去，再也不会回来。",
      },
      expect: { outcome: "failed", avoids: ["node1.default.mac/net1 icmp"] },
    },
    {
      title: { en: "What Multus wrote on the pod", zh: "Multus 写在 Pod 上的状态" },
      from: "",
      kind: "shell",
      target:
        "kubectl get pod mac -o jsonpath='{.metadata.annotations.k8s\\.v1\\.cni\\.cncf\\.io/network-status}'; echo; kubectl get net-attach-def",
      expect: { outcome: "answered", says: "lan-macvlan" },
    },
  ],
});
