import flannel from "../data/kube-flannel.yml?raw";
import { documents, kind, pod, scenario } from "./parts.ts";

export default scenario("no-nat", {
  text: {
    en: "With Docker's port mapping nobody knows any more who speaks to whom: out under a borrowed address, in by a borrowed port. Kubernetes asks for one thing: a pod's address is its true identity card, valid in the whole cluster, and nobody on the way changes it. How that is brought about is the plugin's business: an entry in a router outside, or a tunnel. Let ask call shop and read in shop's log who was there; then let a node's own program call, and see which address it has.",
    zh: "用 Docker 的端口映射，谁也不认识谁了：出去借用别人的 IP，进来借用别人的端口。Kubernetes 只要求一件事：Pod 的 IP 是真身份证，全集群通行，路上任何人不得变造（NAT）。怎么做到由插件决定：让外部路由器加条目，或者自己架隧道。让 ask 去访问 shop，再到 shop 的日志里看来的是谁；然后让节点上的程序去访问，看它用的是哪个地址。",
  },
  cluster: kind({ workers: 2 }),
  manifests: [
    { name: "kube-flannel.yml", yaml: flannel },
    {
      name: "pods.yaml",
      yaml: documents(pod("ask", "kind-worker"), pod("shop", "kind-worker2")),
      after: "nodes-ready",
    },
  ],
  probes: [
    {
      title: { en: "ask calls shop by its address", zh: "ask 用地址访问 shop" },
      from: "kind-worker.default.ask",
      kind: "http",
      target: "http://{kind-worker2.default.shop}",
      look: {
        en: "Source and destination are the same at every hop.",
        zh: "源地址和目的地址在每一跳都不变。",
      },
      expect: {
        outcome: "answered",
        says: "shop",
        passes: [
          "kind-worker.default.ask/eth0 tcp",
          "kind-worker2.default.shop/eth0 src host {kind-worker.default.ask} and tcp",
        ],
        avoids: ["kind-worker2.default.shop/eth0 tcp and not host {kind-worker.default.ask}"],
      },
    },
    {
      title: { en: "Who was there, says shop", zh: "shop 说：来的是谁" },
      from: "",
      kind: "shell",
      target: "kubectl logs shop",
      look: { en: "shop saw ask's own address.", zh: "shop 看到的是 ask 自己的地址。" },
      expect: { outcome: "answered", says: "answered 10.244." },
    },
    {
      title: { en: "The node itself calls", zh: "节点自己去访问" },
      from: "kind-worker",
      kind: "http",
      target: "http://{kind-worker2.default.shop}",
      look: {
        en: "A node's program takes the address of the device that it leaves by: flannel.1's.",
        zh: "节点上的程序用的是出口设备的地址，也就是 flannel.1 的地址。",
      },
      expect: { outcome: "answered", passes: ["kind-worker2.default.shop/eth0 src host 10.244.1.0 and tcp"] },
    },
  ],
});
