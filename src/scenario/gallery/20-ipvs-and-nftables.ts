import flannel from "../data/kube-flannel.yml?raw";
import { documents, kind, pod, scenario } from "./parts.ts";

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: nginx:1.29
        ports:
        - containerPort: 80
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort
  clusterIP: 10.96.0.200
  selector:
    app: web
  ports:
  - port: 80
    nodePort: 30080
`;

const SWITCH = `kubectl -n kube-system get configmap kube-proxy -o yaml | sed 's/mode: ipvs/mode: nftables/' | kubectl apply -f - 2>/dev/null
kubectl -n kube-system delete pod -l k8s-app=kube-proxy
sleep 5
kubectl -n kube-system logs -l k8s-app=kube-proxy --tail=100 | grep -o 'Using [a-z]* Proxier' | sort -u`;

export default scenario("ipvs-and-nftables", {
  text: {
    en: "The same Service in kube-proxy's other modes. In IPVS mode the address 10.96.0.200 is bound to a dummy device, kube-ipvs0, so that packets for it are taken as the node's own; then IPVS chooses a pod and rewrites the destination. iptables is still there for masquerading, with ipsets. IPVS mode is deprecated; its successor is nftables: one table, and maps in which a Service is found at one look however many there are. One question changes the mode while the cluster runs. (Older texts say that kube-proxy falls back to the userspace mode if it must; that mode is gone since 1.26.)",
    zh: "同一个 Service，换 kube-proxy 的其他模式。IPVS 模式下，10.96.0.200 被绑在一块 dummy 网卡 kube-ipvs0 上，发往它的包就被当成发给节点自己的；然后 IPVS 选一个 Pod，改写目的地址。iptables 仍然用来做伪装，配合 ipset。IPVS 模式已被弃用，接替它的是 nftables：一张表，用映射查找 Service，不管有多少个都只查一次。有一个问题会在集群运行时切换模式。（早先的文章说不支持时会退回用户态模式；那个模式从 1.26 起已经没有了。）",
  },
  cluster: kind({ workers: 2, kubeProxyMode: "ipvs" }),
  manifests: [
    { name: "kube-flannel.yml", yaml: flannel },
    { name: "web.yaml", yaml: documents(pod("ask", "kind-worker"), WEB), after: "nodes-ready" },
  ],
  probes: [
    {
      title: { en: "IPVS: a pod calls the ClusterIP", zh: "IPVS：Pod 访问 ClusterIP" },
      from: "kind-worker.default.ask",
      kind: "http",
      target: "http://10.96.0.200",
      look: {
        en: "At INPUT: routing took the address for the node's own.",
        zh: "在 INPUT：路由把这个地址当成节点自己的。",
      },
      expect: { outcome: "answered", says: "web-", avoids: ["kind-worker/eth0 host 10.96.0.200"] },
    },
    {
      title: { en: "IPVS: what it knows", zh: "IPVS：它知道什么" },
      from: "kind-worker",
      kind: "shell",
      target:
        "ipvsadm -Ln -t 10.96.0.200:80; ip -br addr show kube-ipvs0; ipset list KUBE-CLUSTER-IP | tail -4",
      expect: { outcome: "answered", says: "TCP  10.96.0.200:80 rr" },
    },
    {
      title: { en: "Change to nftables", zh: "切换到 nftables" },
      from: "",
      kind: "shell",
      target: SWITCH,
      expect: { outcome: "answered", says: "Using nftables Proxier" },
    },
    {
      title: { en: "nftables: a pod calls the ClusterIP", zh: "nftables：Pod 访问 ClusterIP" },
      from: "kind-worker.default.ask",
      kind: "http",
      target: "http://10.96.0.200",
      expect: { outcome: "answered", says: "web-" },
    },
    {
      title: { en: "nftables: the map of Services", zh: "nftables：Service 的映射表" },
      from: "kind-worker",
      kind: "shell",
      target: "nft list map ip kube-proxy service-ips",
      expect: { outcome: "answered", says: "10.96.0.200 . tcp . 80" },
    },
  ],
});
