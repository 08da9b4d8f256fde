import flannel from "../data/kube-flannel.yml?raw";
import { documents, kind, pod, scenario } from "./parts.ts";

const service = (name: string, type: string, more = ""): string => `apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  type: ${type}
${more}`;
const web = "  selector:\n    app: web\n  ports:\n  - port: 80\n";

export default scenario("service-types", {
  text: {
    en: "Four ways to be asked for. ClusterIP: an address that only the cluster's nodes know, on no device and on no wire. NodePort: a ClusterIP, and in addition one port on every node. LoadBalancer: both of these, and a balancer outside the cluster that a cloud provides (here cloud-provider-kind), which checks the nodes' health and sends to their node ports. ExternalName: nothing of the kind; only DNS, which answers with another name (CNAME). The API server gives out the addresses; no pod has a say in them.",
    zh: "四种被访问的方式。ClusterIP：只有集群节点认识的地址，不在任何网卡上，也不出现在任何网线上。NodePort：有 ClusterIP，另外在每个节点上开一个端口。LoadBalancer：前两者都有，再加上云厂商提供的、在集群外面的负载均衡器（这里是 cloud-provider-kind），它检查节点的健康，把流量发到节点端口。ExternalName：以上都没有，只有 DNS，用另一个名字（CNAME）回答。地址由 API server 分配，与 Pod 无关。",
  },
  cluster: kind({ workers: 2 }),
  manifests: [
    { name: "kube-flannel.yml", yaml: flannel },
    {
      name: "services.yaml",
      yaml: documents(
        pod("ask", "kind-worker"),
        pod("web", "kind-worker2"),
        service("inside", "ClusterIP", `  clusterIP: 10.96.0.100\n${web}`),
        service("port", "NodePort", web.replace("port: 80", "port: 80\n    nodePort: 30080")),
        service("balanced", "LoadBalancer", web),
        service("elsewhere", "ExternalName", "  externalName: inside.default.svc.cluster.local\n"),
      ),
      after: "nodes-ready",
    },
  ],
  setup: "cloud-provider-kind >/var/log/cloud-provider-kind 2>&1 &\nsleep 10\n",
  probes: [
    {
      title: { en: "ClusterIP, from a pod", zh: "ClusterIP，从 Pod 访问" },
      from: "kind-worker.default.ask",
      kind: "http",
      target: "http://inside",
      expect: { outcome: "answered", says: "web", avoids: ["kind-worker/eth0 host 10.96.0.100"] },
    },
    {
      title: { en: "ClusterIP, from outside", zh: "ClusterIP，从外面访问" },
      from: "",
      kind: "shell",
      target: "curl -sS -m 3 http://10.96.0.100",
      look: { en: "Nobody outside knows a way to it.", zh: "外面没有人知道怎么走到它。" },
      expect: { outcome: "failed" },
    },
    {
      title: { en: "NodePort, on a node without the pod", zh: "NodePort，经过没有 Pod 的节点" },
      from: "",
      kind: "http",
      target: "http://{kind-worker}:30080",
      expect: {
        outcome: "answered",
        says: "web",
        passes: ["kind-worker/eth0 dst port 30080", "kind-worker2.default.web/eth0 tcp"],
      },
    },
    {
      title: { en: "LoadBalancer: its address", zh: "LoadBalancer：它的地址" },
      from: "",
      kind: "shell",
      target: "kubectl get svc",
      expect: { outcome: "answered", says: "LoadBalancer" },
    },
    {
      title: { en: "LoadBalancer, from outside", zh: "LoadBalancer，从外面访问" },
      from: "",
      kind: "http",
      target: "http://{kindccm-*}",
      look: {
        en: "Two connections: to the balancer, and from it to a node port.",
        zh: "两条连接：到负载均衡器，以及从它到节点端口。",
      },
      expect: {
        outcome: "answered",
        says: "web",
        passes: ["kindccm-*/eth0 tcp port 80", "kind-worker2.default.web/eth0 tcp port 80"],
      },
    },
    {
      title: { en: "ExternalName", zh: "ExternalName" },
      from: "kind-worker.default.ask",
      kind: "dns",
      target: "elsewhere",
      expect: { outcome: "answered", says: "canonical name = inside.default.svc.cluster.local" },
    },
  ],
});
