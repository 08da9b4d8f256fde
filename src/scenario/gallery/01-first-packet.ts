import flannel from "../data/kube-flannel.yml?raw";
import { documents, kind, pod, scenario } from "./parts.ts";

export default scenario("first-packet", {
  text: {
    en: "Three pods: anna and ben live on one node, carl on another. Send a ping from anna to ben: it takes a cable down to the bridge cni0 and another one up again, and no other machine notices. Then send one to carl: the same packet leaves the node inside another packet, with the nodes' own addresses on it. The answer comes back the same way; look at the lane of the way back.",
    zh: "三个 Pod：anna 和 ben 在同一个节点上，carl 在另一个节点上。先让 anna ping ben：数据包沿一根网线到网桥 cni0，再沿另一根网线上去，别的机器毫无察觉。再让 anna ping carl：同样的数据包被装进另一个数据包，然后才离开节点，外面写的是两个节点自己的地址。应答沿原路返回：请看时间线上的返程那一行。",
  },
  cluster: kind({ workers: 2 }),
  manifests: [
    { name: "kube-flannel.yml", yaml: flannel },
    {
      name: "three-pods.yaml",
      yaml: documents(pod("anna", "kind-worker"), pod("ben", "kind-worker"), pod("carl", "kind-worker2")),
      after: "nodes-ready",
    },
  ],
  probes: [
    {
      title: { en: "anna pings ben, on the same node", zh: "anna ping 同一节点上的 ben" },
      from: "kind-worker.default.anna",
      kind: "ping",
      target: "{kind-worker.default.ben}",
      look: { en: "cni0: the bridge passes the frame on.", zh: "看 cni0：网桥转发了这个帧。" },
      expect: {
        outcome: "answered",
        passes: [
          "kind-worker.default.anna/eth0 icmp",
          "kind-worker/veth* icmp",
          "kind-worker.default.ben/eth0 icmp",
        ],
        avoids: ["kind-worker/eth0 icmp", "kind-worker/eth0 udp port 8472"],
      },
    },
    {
      title: { en: "anna pings carl, on the other node", zh: "anna ping 另一节点上的 carl" },
      from: "kind-worker.default.anna",
      kind: "ping",
      target: "{kind-worker2.default.carl}",
      look: {
        en: "flannel.1 puts the packet into another one; eth0 shows only the nodes' addresses.",
        zh: "flannel.1 把数据包装进另一个数据包；在 eth0 上只看得到节点的地址。",
      },
      expect: {
        outcome: "answered",
        passes: [
          "kind-worker/flannel.1 icmp",
          "kind-worker/eth0 udp port 8472",
          "kind-worker2/eth0 udp port 8472",
          "kind-worker2/flannel.1 icmp",
          "kind-worker2.default.carl/eth0 icmp",
          "kind-worker/eth0 udp port 8472",
          "kind-worker.default.anna/eth0 icmp",
        ],
        avoids: ["kind-worker/eth0 icmp"],
      },
    },
    {
      title: { en: "carl pings anna, the other way round", zh: "反过来，carl ping anna" },
      from: "kind-worker2.default.carl",
      kind: "ping",
      target: "{kind-worker.default.anna}",
      look: {
        en: "Now kind-worker2 wraps and kind-worker unwraps; nobody has to ask by ARP any more.",
        zh: "这次由 kind-worker2 封装、kind-worker 解封；谁也不用再发 ARP 询问了。",
      },
      expect: { outcome: "answered", passes: ["kind-worker2/flannel.1 icmp", "kind-worker/flannel.1 icmp"] },
    },
  ],
});
