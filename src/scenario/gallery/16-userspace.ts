import flannel from "../data/kube-flannel.yml?raw";
import { documents, flannelWith, kind, pod, scenario } from "./parts.ts";

const SERVICE = `apiVersion: v1
kind: Service
metadata:
  name: frontend
spec:
  clusterIP: 20.1.244.75
  selector:
    name: frontend
  ports:
  - port: 80
`;

export default scenario("userspace", {
  text: {
    en: "How Services began (until Kubernetes 1.26 one could still choose it): kube-proxy itself is in the middle. Two rules, REDIRECT in PREROUTING and DNAT in OUTPUT, lead what is meant for 20.1.244.75:80 to one port of kube-proxy on the same node; one Service has one such port. kube-proxy then opens a second connection to a pod. Look at two captures side by side: inside the pod the conversation is with 20.1.244.75; on the wire it goes from the node's address to the pod's own, 10.1.x.x. The kube-proxy of the other node has no part in it. Public addresses like 20.1.0.0/16 are a bad choice for Services: whoever really has them can no longer be reached.",
    zh: "Service 最初的样子（在 Kubernetes 1.26 之前还能选用）：kube-proxy 亲自站在中间。两条规则，PREROUTING 的 REDIRECT 和 OUTPUT 的 DNAT，把发往 20.1.244.75:80 的流量引到本节点 kube-proxy 的一个端口上；一个 Service 只有一个这样的端口。kube-proxy 再向某个 Pod 建立第二条连接。把两处抓包并排看：在 Pod 里，会话是和 20.1.244.75 进行的；在物理网线上，是从节点地址到 Pod 自己的地址 10.1.x.x。另一个节点的 kube-proxy 没有参与。把 20.1.0.0/16 这样的公网地址用作 Service 网段并不好：真正拥有这些地址的主机就再也访问不到了。",
  },
  cluster: kind({
    workers: 2,
    podSubnet: "10.1.0.0/16",
    serviceSubnet: "20.1.0.0/16",
    patch: "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: userspace\n",
  }),
  underlay: {
    switches: [{ name: "lan" }],
    nodes: [
      { name: "kubmaster", on: "lan", address: "192.168.1.128/24", gateway: "192.168.1.2" },
      { name: "node1", on: "lan", address: "192.168.1.129/24", gateway: "192.168.1.2" },
      { name: "node3", on: "lan", address: "192.168.1.131/24", gateway: "192.168.1.2" },
    ],
  },
  manifests: [
    { name: "kube-flannel.yml", yaml: flannelWith(flannel, { network: "10.1.0.0/16", backend: "host-gw" }) },
    {
      name: "frontend.yaml",
      yaml: documents(pod("client", "node1"), pod("frontend", "node3", { name: "frontend" }), SERVICE),
      after: "nodes-ready",
    },
  ],
  probes: [
    {
      title: { en: "A pod calls 20.1.244.75:80", zh: "Pod 访问 20.1.244.75:80" },
      from: "node1.default.client",
      kind: "http",
      target: "http://20.1.244.75",
      look: {
        en: "Two connections: pod to kube-proxy, kube-proxy to pod.",
        zh: "两条连接：Pod 到 kube-proxy，kube-proxy 到 Pod。",
      },
      expect: {
        outcome: "answered",
        says: "frontend",
        passes: [
          "node1.default.client/eth0 dst host 20.1.244.75 and tcp port 80",
          "node1/eth0 src host 192.168.1.129 and dst host {node3.default.frontend} and tcp port 80",
          "node3.default.frontend/eth0 src host 192.168.1.129",
        ],
        avoids: ["node1/eth0 host 20.1.244.75", "node3/eth0 host {node1.default.client} and tcp port 80"],
      },
    },
    {
      title: { en: "The two rules", zh: "那两条规则" },
      from: "node1",
      kind: "shell",
      target: "iptables -t nat -S | grep 20.1.244.75",
      look: {
        en: "REDIRECT for what comes from pods, DNAT for what the node itself sends; both to one port.",
        zh: "来自 Pod 的用 REDIRECT，节点自己发出的用 DNAT；都指向同一个端口。",
      },
      expect: { outcome: "answered", says: "REDIRECT" },
    },
    {
      title: { en: "The node itself calls", zh: "节点自己访问" },
      from: "node1",
      kind: "http",
      target: "http://20.1.244.75",
      look: {
        en: "OUTPUT instead of PREROUTING, DNAT instead of REDIRECT.",
        zh: "走 OUTPUT 而不是 PREROUTING，用 DNAT 而不是 REDIRECT。",
      },
      expect: { outcome: "answered", says: "frontend" },
    },
  ],
});
