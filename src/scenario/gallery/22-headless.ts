import flannel from "../data/kube-flannel.yml?raw";
import { documents, kind, pod, scenario } from "./parts.ts";

const OBJECTS = `apiVersion: v1
kind: Service
metadata:
  name: redis
spec:
  clusterIP: None
  selector:
    app: redis
  ports:
  - name: redis
    port: 6379
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: redis
spec:
  serviceName: redis
  replicas: 2
  selector:
    matchLabels:
      app: redis
  template:
    metadata:
      labels:
        app: redis
    spec:
      containers:
      - name: redis
        image: redis:7
        ports:
        - containerPort: 6379
---
apiVersion: v1
kind: Service
metadata:
  name: my-service
spec:
  ports:
  - protocol: TCP
    port: 443
    targetPort: 6443
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: my-service-1
  labels:
    kubernetes.io/service-name: my-service
addressType: IPv4
ports:
- name: ""
  protocol: TCP
  port: 6443
endpoints:
- addresses:
  - 192.168.1.50
`;

export default scenario("headless", {
  text: {
    en: "A headless Service (clusterIP: None) has no address of its own: DNS answers with the pods' addresses, and with a StatefulSet each pod has a name besides (redis-0.redis). No rule of kube-proxy is involved. A Service without a selector has an address but no pods: somebody writes its endpoints by hand, here an old machine outside the cluster, 192.168.1.50:6443, that now answers under a name of the cluster and on port 443. In DNS names the label in the middle is the Service's name, not the word deployment.",
    zh: "无头服务（clusterIP: None）没有自己的地址：DNS 直接返回各个 Pod 的地址；配合 StatefulSet，每个 Pod 还有自己的名字（redis-0.redis）。这里没有 kube-proxy 的规则。没有选择器的 Service 有地址却没有 Pod：端点由人手工填写，这里是集群外的一台老机器 192.168.1.50:6443，现在可以用集群里的名字、通过 443 端口访问。DNS 名字中间的那一段是 Service 的名字，而不是 deployment 这个词。",
  },
  cluster: kind({ workers: 2 }),
  underlay: {
    switches: [{ name: "lan" }],
    nodes: [
      { name: "master", on: "lan", address: "192.168.1.10/24", gateway: "192.168.1.1" },
      { name: "node1", on: "lan", address: "192.168.1.11/24", gateway: "192.168.1.1" },
      { name: "node2", on: "lan", address: "192.168.1.12/24", gateway: "192.168.1.1" },
    ],
  },
  machines: [
    {
      name: "old-server",
      role: "linux",
      interfaces: [{ on: "lan", addresses: ["192.168.1.50/24"] }],
      servers: [{ protocol: "http", port: 6443, says: "the old server" }],
    },
  ],
  manifests: [
    { name: "kube-flannel.yml", yaml: flannel },
    { name: "objects.yaml", yaml: documents(pod("ask", "node1"), OBJECTS), after: "nodes-ready" },
  ],
  probes: [
    {
      title: { en: "The headless name: the pods' addresses", zh: "无头服务的名字：Pod 的地址" },
      from: "node1.default.ask",
      kind: "dns",
      target: "redis",
      expect: { outcome: "answered", says: "Name:\tredis.default.svc.cluster.local" },
    },
    {
      title: { en: "One pod by its name", zh: "用名字访问某个 Pod" },
      from: "node1.default.ask",
      kind: "tcp",
      target: "redis-0.redis",
      port: 6379,
      expect: { outcome: "answered" },
    },
    {
      title: { en: "SRV: names and ports", zh: "SRV 记录：名字与端口" },
      from: "node1.default.ask",
      kind: "shell",
      target: "dig +short SRV _redis._tcp.redis.default.svc.cluster.local",
      expect: { outcome: "answered", says: "6379 redis-1.redis.default.svc.cluster.local." },
    },
    {
      title: { en: "Without a selector: the machine outside", zh: "没有选择器：集群外的机器" },
      from: "node1.default.ask",
      kind: "http",
      target: "http://my-service:443",
      expect: {
        outcome: "answered",
        says: "the old server",
        passes: [
          "node1/eth0 src host 192.168.1.11 and dst host 192.168.1.50 and tcp port 6443",
          "old-server/eth0 tcp port 6443",
        ],
      },
    },
  ],
});
