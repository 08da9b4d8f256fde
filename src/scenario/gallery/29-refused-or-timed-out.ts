import flannel from "../data/kube-flannel.yml?raw";
import { documents, kind, pod, scenario } from "./parts.ts";

const SERVICE = `apiVersion: v1
kind: Service
metadata:
  name: nobody
spec:
  clusterIP: 10.96.0.66
  selector:
    app: nobody
  ports:
  - port: 80
`;

export default scenario("refused-or-timed-out", {
  text: {
    en: 'Two ways of failing, and they say different things. "Refused" is an answer, and quick: the machine is there, and nobody listens (RST), or a rule says no (REJECT, ICMP). A Service without endpoints is refused by kube-proxy\'s rule on the caller\'s own node. "Timed out" is silence: a packet was dropped without a word, or nobody has the address, or the answer goes elsewhere. With the first one looks at the server, with the second at the way.',
    zh: "失败有两种，含义不同。“拒绝”是一个回答，而且很快：机器在，只是没人监听（RST），或者规则说不行（REJECT，ICMP）。没有端点的 Service 由调用者自己节点上 kube-proxy 的规则拒绝。“超时”是沉默：包被无声丢弃，或者没有人拥有这个地址，或者应答去了别处。遇到前者看服务器，遇到后者看路。",
  },
  cluster: kind({ workers: 2 }),
  manifests: [
    { name: "kube-flannel.yml", yaml: flannel },
    {
      name: "pods.yaml",
      yaml: documents(pod("ask", "kind-worker"), pod("web", "kind-worker2"), SERVICE),
      after: "nodes-ready",
    },
  ],
  setup:
    "ssh kind-worker2 iptables -I FORWARD -p tcp --dport 8080 -j DROP\nssh kind-worker2 iptables -I FORWARD -p tcp --dport 8081 -j REJECT\n",
  probes: [
    {
      title: { en: "The right port", zh: "正确的端口" },
      from: "kind-worker.default.ask",
      kind: "tcp",
      target: "{kind-worker2.default.web}",
      port: 80,
      expect: { outcome: "answered" },
    },
    {
      title: { en: "A port where nobody listens: RST", zh: "没人监听的端口：RST" },
      from: "kind-worker.default.ask",
      kind: "tcp",
      target: "{kind-worker2.default.web}",
      port: 81,
      expect: { outcome: "refused", passes: ["kind-worker2.default.web/eth0 tcp port 81"] },
    },
    {
      title: {
        en: "A Service without endpoints: REJECT at home",
        zh: "没有端点的 Service：在本节点被 REJECT",
      },
      from: "kind-worker.default.ask",
      kind: "tcp",
      target: "10.96.0.66",
      port: 80,
      expect: { outcome: "refused", avoids: ["kind-worker/eth0 host 10.96.0.66"] },
    },
    {
      title: { en: "A rule that rejects", zh: "一条拒绝的规则" },
      from: "kind-worker.default.ask",
      kind: "tcp",
      target: "{kind-worker2.default.web}",
      port: 8081,
      expect: {
        outcome: "refused",
        passes: ["kind-worker2/flannel.1 tcp port 8081"],
        avoids: ["kind-worker2.default.web/eth0 tcp port 8081"],
      },
    },
    {
      title: { en: "A rule that drops", zh: "一条丢弃的规则" },
      from: "kind-worker.default.ask",
      kind: "tcp",
      target: "{kind-worker2.default.web}",
      port: 8080,
      expect: {
        outcome: "timed-out",
        passes: ["kind-worker2/flannel.1 tcp port 8080"],
        avoids: ["kind-worker2.default.web/eth0 tcp port 8080"],
      },
    },
    {
      title: { en: "An address that no pod has", zh: "没有 Pod 拥有的地址" },
      from: "kind-worker.default.ask",
      kind: "shell",
      target: "ping -c1 -W4 10.244.2.200",
      look: {
        en: "The other node asks by ARP, in vain, and says so.",
        zh: "对端节点用 ARP 询问无果，于是报告不可达。",
      },
      expect: {
        outcome: "failed",
        says: "Destination Host Unreachable",
        passes: ["kind-worker2/cni0 arp host 10.244.2.200"],
      },
    },
  ],
});
