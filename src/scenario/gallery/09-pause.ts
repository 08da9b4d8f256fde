import flannel from "../data/kube-flannel.yml?raw";
import { flannelWith, kind, scenario } from "./parts.ts";

const FRONTEND = `apiVersion: v1
kind: ReplicationController
metadata:
  name: frontend
  labels:
    name: frontend
spec:
  replicas: 1
  selector:
    name: frontend
  template:
    metadata:
      labels:
        name: frontend
    spec:
      containers:
      - name: php-redis
        image: kubeguide/guestbook-php-frontend
        ports:
        - containerPort: 80
`;

/** The text's \`kubectl run --hostport\`, as a manifest of today. */
const NGINX = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: nginx
spec:
  replicas: 1
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
          hostPort: 80
      - name: log-truncator
        image: busybox
        command: ["/bin/sh", "-c", "while true; do sleep 3600; done"]
`;

export default scenario("pause", {
  text: {
    en: "Look at two pods on the node 192.168.1.130. frontend (10.1.20.4) asks for one container and two are there: the other one is pause, drawn as a pin. It is started first and does nothing but sleep; its network namespace is the pod's, and all other containers join it. The pod nginx has three: pause, nginx and log-truncator; so the latter two share one address and reach each other by localhost. Nothing passes through pause: nginx itself listens on port 80. If an application container dies, the pod keeps its address, because the namespace belongs to pause. hostPort 80 is a DNAT rule on the node, written by the portmap plugin; a client outside keeps its own address.",
    zh: "看节点 192.168.1.130 上的两个 Pod。frontend（10.1.20.4）只定义了一个容器，实际却有两个：另一个就是 pause，画成一枚图钉。它最先启动，除了睡觉什么也不做；它的网络命名空间就是 Pod 的网络命名空间，其他容器都加入进来。nginx 这个 Pod 有三个容器：pause、nginx 和 log-truncator；后两个共用一个地址，用 localhost 就能互访。并没有流量“经过” pause：监听 80 端口的是 nginx 自己。应用容器死了，Pod 的地址还在，因为命名空间属于 pause。hostPort 80 是节点上的一条 DNAT 规则，由 portmap 插件写入；外部客户端的源地址保持不变。",
  },
  cluster: kind({ workers: 0, podSubnet: "10.1.20.0/22" }),
  underlay: {
    switches: [{ name: "lan" }],
    nodes: [{ name: "node2", on: "lan", address: "192.168.1.130/24", gateway: "192.168.1.1" }],
  },
  machines: [{ name: "client", role: "client", interfaces: [{ on: "lan", addresses: ["192.168.1.20/24"] }] }],
  // One name server is enough here, so that the pods have the addresses of the text.
  script: "kubectl -n kube-system scale deployment coredns --replicas=1\n",
  manifests: [
    { name: "kube-flannel.yml", yaml: flannelWith(flannel, { network: "10.1.20.0/22" }) },
    { name: "frontend-controller.yaml", yaml: FRONTEND, after: "pods-ready" },
    { name: "nginx.yaml", yaml: NGINX },
  ],
  probes: [
    {
      title: { en: "frontend by its pod's address", zh: "用 Pod 地址访问 frontend" },
      from: "node2.default.nginx-*",
      kind: "http",
      target: "http://10.1.20.4",
      look: {
        en: "The frame goes into the pod's namespace; php-redis itself listens, pause has no part in it.",
        zh: "帧进入 Pod 的命名空间；监听的是 php-redis 自己，与 pause 无关。",
      },
      expect: { outcome: "answered", says: "frontend-", avoids: ["node2/eth0 tcp port 80"] },
    },
    {
      title: { en: "Two containers, one localhost", zh: "两个容器，同一个 localhost" },
      from: "",
      kind: "shell",
      target: "kubectl exec deploy/nginx -c log-truncator -- curl -sS localhost",
      look: { en: "The packet never leaves lo.", zh: "数据包始终没有离开 lo。" },
      expect: { outcome: "answered", says: "nginx-", avoids: ["node2/cni0 tcp port 80"] },
    },
    {
      title: { en: "In by hostPort 80", zh: "从 hostPort 80 进来" },
      from: "client",
      kind: "http",
      target: "http://192.168.1.130",
      look: {
        en: "PREROUTING: CNI-HOSTPORT-DNAT leads node port 80 to the pod.",
        zh: "PREROUTING：CNI-HOSTPORT-DNAT 把节点的 80 端口引到 Pod。",
      },
      expect: {
        outcome: "answered",
        says: "nginx-",
        passes: [
          "node2/eth0 dst host 192.168.1.130",
          "node2/cni0 src host 192.168.1.20 and dst net 10.1.20.0/24",
        ],
      },
    },
    {
      title: { en: "nginx dies: the address stays", zh: "nginx 死了：地址还在" },
      from: "",
      kind: "shell",
      target:
        "before=$(kubectl get pod -l app=nginx -o jsonpath='{.items[0].status.podIP}'); kubectl exec deploy/nginx -c nginx -- kill 1; sleep 5; kubectl get pod -l app=nginx -o wide; kubectl get pod -l app=nginx -o wide | grep -q \"$before\" && echo same address",
      look: {
        en: "The container is started anew in the same namespace.",
        zh: "容器在同一个命名空间里重新启动。",
      },
      expect: { outcome: "answered", says: "same address" },
    },
  ],
});
