import flannel from "../data/kube-flannel.yml?raw";
import { documents, flannelWith, kind, pod, scenario } from "./parts.ts";

const NGINX = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: nginx
spec:
  replicas: 3
  selector:
    matchLabels:
      app: nginx
  template:
    metadata:
      labels:
        app: nginx
    spec:
      containers:
      - name: nginx
        image: nginx:1.29
        ports:
        - containerPort: 80
---
apiVersion: v1
kind: Service
metadata:
  name: nginx
  labels:
    app: nginx
spec:
  type: LoadBalancer
  clusterIP: 172.17.45.122
  externalIPs:
  - 192.168.64.1
  - 4.3.2.1
  selector:
    app: nginx
  ports:
  - port: 80
    nodePort: 30935
`;

export default scenario("kube-proxy-iptables", {
  text: {
    en: "The Service nginx has four doors: 172.17.45.122:80, node port 30935, and the external addresses 192.168.64.1 and 4.3.2.1. kube-proxy writes them with iptables-restore, and routing only follows what DNAT has decided: KUBE-SERVICES picks the Service, KUBE-EXT marks what comes from outside for masquerading, KUBE-SVC draws lots (1 of 3, then 1 of 2, then the rest), KUBE-SEP writes the pod's address. Click through one connection and see which rules it met. 172.17.0.0/16 as the Service range overlaps Docker's docker0: here no Docker runs on the nodes, elsewhere it would hurt.",
    zh: "nginx 这个 Service 有四个入口：172.17.45.122:80、节点端口 30935，以及外部地址 192.168.64.1 和 4.3.2.1。kube-proxy 用 iptables-restore 写入规则，路由只是跟随 DNAT 的决定：KUBE-SERVICES 选出 Service，KUBE-EXT 给来自外部的流量打上伪装标记，KUBE-SVC 抽签（三分之一，再二分之一，剩下的归最后一个），KUBE-SEP 写入 Pod 的地址。跟着一条连接走一遍，看它碰到了哪些规则。把 172.17.0.0/16 用作 Service 网段，会与 Docker 的 docker0 重叠：这里的节点没有运行 Docker，换个地方就会出问题。",
  },
  cluster: kind({ workers: 2, podSubnet: "10.248.0.0/16", serviceSubnet: "172.17.0.0/16" }),
  underlay: {
    switches: [{ name: "lan" }],
    nodes: [
      { name: "master1", on: "lan", address: "192.168.64.11/24", gateway: "192.168.64.254" },
      { name: "node1", on: "lan", address: "192.168.64.12/24", gateway: "192.168.64.254" },
      { name: "node2", on: "lan", address: "192.168.64.13/24", gateway: "192.168.64.254" },
    ],
  },
  machines: [
    {
      name: "client",
      role: "client",
      interfaces: [{ on: "lan", addresses: ["192.168.64.20/24"] }],
      routes: [{ to: "4.3.2.1/32", via: "192.168.64.12" }],
    },
  ],
  manifests: [
    { name: "kube-flannel.yml", yaml: flannelWith(flannel, { network: "10.248.0.0/16" }) },
    { name: "nginx.yaml", yaml: documents(pod("ask", "node1"), NGINX), after: "nodes-ready" },
  ],
  probes: [
    {
      title: { en: "A pod calls the ClusterIP", zh: "Pod 访问 ClusterIP" },
      from: "node1.default.ask",
      kind: "http",
      target: "http://172.17.45.122",
      look: {
        en: "PREROUTING on the caller's own node: KUBE-SERVICES, KUBE-SVC, KUBE-SEP, DNAT.",
        zh: "在调用者自己节点的 PREROUTING：KUBE-SERVICES、KUBE-SVC、KUBE-SEP、DNAT。",
      },
      expect: {
        outcome: "answered",
        says: "nginx-",
        passes: ["node1.default.ask/eth0 dst host 172.17.45.122"],
        avoids: ["node1/eth0 host 172.17.45.122", "node1/flannel.1 host 172.17.45.122"],
      },
    },
    {
      title: { en: "From outside to node port 30935", zh: "从外部访问节点端口 30935" },
      from: "client",
      kind: "http",
      target: "http://192.168.64.12:30935",
      look: {
        en: "KUBE-EXT marks the packet; POSTROUTING then gives it the node's address.",
        zh: "KUBE-EXT 打上标记；随后 POSTROUTING 把源地址换成节点的地址。",
      },
      expect: {
        outcome: "answered",
        says: "nginx-",
        passes: ["node1/eth0 dst host 192.168.64.12 and tcp port 30935"],
      },
    },
    {
      title: { en: "From outside to 4.3.2.1", zh: "从外部访问 4.3.2.1" },
      from: "client",
      kind: "http",
      target: "http://4.3.2.1",
      look: {
        en: "No device has this address; a rule takes it.",
        zh: "没有网卡拥有这个地址，是规则接住了它。",
      },
      expect: { outcome: "answered", says: "nginx-", passes: ["node1/eth0 dst host 4.3.2.1"] },
    },
    {
      title: { en: "The list of Services", zh: "Service 列表" },
      from: "node1",
      kind: "shell",
      target: "iptables -n -t nat -L KUBE-SERVICES",
      look: {
        en: "One line for each Service's own address; the node ports come last.",
        zh: "每个 Service 自己的地址一行；节点端口排在最后。",
      },
      expect: { outcome: "answered", says: "default/nginx cluster IP" },
    },
    {
      title: { en: "Rule by rule", zh: "逐条规则" },
      from: "node1",
      kind: "shell",
      target: "iptables-save -t nat | grep -E 'default/nginx|KUBE-MARK-MASQ|KUBE-POSTROUTING'",
      look: { en: "1 of 3, then 1 of 2, then the rest.", zh: "三分之一，二分之一，剩下的。" },
      expect: { outcome: "answered", says: "--probability 0.33333333349" },
    },
    {
      title: { en: "The Service as the API has it", zh: "API 中的 Service" },
      from: "",
      kind: "shell",
      target: "kubectl get svc; kubectl get endpointslices",
      look: {
        en: "All four doors in one line; the three endpoints behind them.",
        zh: "四个入口在一行里；后面是三个端点。",
      },
      expect: { outcome: "answered", says: "80:30935/TCP" },
    },
  ],
});
