import flannel from "../data/kube-flannel.yml?raw";
import { documents, kind, pod, scenario } from "./parts.ts";

const SERVICE = `apiVersion: v1
kind: Namespace
metadata:
  name: shop
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: default
spec:
  clusterIP: 10.96.0.80
  selector:
    app: web
  ports:
  - name: http
    port: 80
---
apiVersion: v1
kind: Service
metadata:
  name: till
  namespace: shop
spec:
  clusterIP: 10.96.0.90
  ports:
  - port: 80
`;

const HOSTLIKE = pod("hostlike", "node1").replace("spec:\n", "spec:\n  dnsPolicy: Default\n");

export default scenario("dns", {
  text: {
    en: "Every pod's /etc/resolv.conf names one server, 10.96.0.10, which is itself a Service: behind it stand two CoreDNS pods, and each question goes through kube-proxy's rules like any other packet. The search list completes short names (web, till.shop); with ndots:5 a name outside is first tried with every suffix, four questions for one answer. CoreDNS knows the cluster's names from the API server and passes all others on to the node's own name server, outside. A pod with dnsPolicy Default has the node's resolv.conf and knows no Service. (ClusterFirstWithHostNet is for pods with hostNetwork, not for bridged ones.)",
    zh: "每个 Pod 的 /etc/resolv.conf 里只有一个服务器 10.96.0.10，它本身就是一个 Service：后面是两个 CoreDNS Pod，每次查询都像别的数据包一样经过 kube-proxy 的规则。search 列表补全短名字（web、till.shop）；由于 ndots:5，查询外部名字时先逐个加后缀试一遍，一个答案要问好几次。CoreDNS 从 API server 得知集群里的名字，其余的转给节点自己的上游 DNS。dnsPolicy 为 Default 的 Pod 使用节点的 resolv.conf，不认识任何 Service。（ClusterFirstWithHostNet 是给 hostNetwork 的 Pod 用的，不是给桥接的 Pod。）",
  },
  cluster: kind({ workers: 2 }),
  underlay: {
    switches: [{ name: "lan" }],
    cables: [{ name: "uplink" }],
    nodes: ["master", "node1", "node2"].map((name, i) => ({
      name,
      on: "lan",
      address: `192.168.1.1${i}/24`,
      gateway: "192.168.1.1",
      nameserver: "203.0.113.53",
    })),
  },
  machines: [
    {
      name: "router",
      role: "router",
      interfaces: [
        { on: "lan", addresses: ["192.168.1.1/24"] },
        { name: "eth1", on: "uplink", addresses: ["203.0.113.2/24"] },
      ],
      masquerade: ["eth1"],
    },
    {
      name: "internet",
      role: "internet",
      interfaces: [{ on: "uplink", addresses: ["203.0.113.53/24"] }],
      names: { "www.example.com": "203.0.113.53" },
      servers: [{ protocol: "http", port: 80, says: "Welcome to the Internet." }],
    },
  ],
  manifests: [
    { name: "kube-flannel.yml", yaml: flannel },
    {
      name: "pods.yaml",
      yaml: documents(pod("ask", "node1"), HOSTLIKE, pod("web", "node2"), SERVICE),
      after: "nodes-ready",
    },
  ],
  probes: [
    {
      title: { en: "What is written in the pod", zh: "Pod 里写着什么" },
      from: "node1.default.ask",
      kind: "shell",
      target: "cat /etc/resolv.conf",
      expect: {
        outcome: "answered",
        says: "search default.svc.cluster.local svc.cluster.local cluster.local",
      },
    },
    {
      title: { en: "A short name", zh: "短名字" },
      from: "node1.default.ask",
      kind: "dns",
      target: "web",
      expect: {
        outcome: "answered",
        says: "Address: 10.96.0.80",
        passes: ["node1.default.ask/eth0 dst host 10.96.0.10 and udp port 53"],
        avoids: ["node1/flannel.1 host 10.96.0.10"],
      },
    },
    {
      title: { en: "A Service of another namespace", zh: "另一个命名空间的 Service" },
      from: "node1.default.ask",
      kind: "dns",
      target: "till.shop",
      expect: { outcome: "answered", says: "Address: 10.96.0.90" },
    },
    {
      title: { en: "A name outside the cluster", zh: "集群外的名字" },
      from: "node1.default.ask",
      kind: "http",
      target: "http://www.example.com",
      look: { en: "Count the questions before the answer.", zh: "数一数得到答案之前问了几次。" },
      expect: {
        outcome: "answered",
        says: "Welcome to the Internet.",
        passes: [
          "node1.default.ask/eth0 udp port 53",
          "internet/eth0 udp port 53",
          "internet/eth0 tcp port 80",
        ],
      },
    },
    {
      title: { en: "A pod by its address", zh: "以地址命名的 Pod" },
      from: "node1.default.ask",
      kind: "shell",
      target: "nslookup 10-244-1-2.default.pod.cluster.local 10.96.0.10",
      expect: { outcome: "answered", says: "Address: 10.244.1.2" },
    },
    {
      title: { en: "dnsPolicy Default knows no Service", zh: "dnsPolicy: Default 不认识 Service" },
      from: "node1.default.hostlike",
      kind: "dns",
      target: "web.default.svc.cluster.local",
      expect: { outcome: "failed", says: "NXDOMAIN", passes: ["internet/eth0 udp port 53"] },
    },
  ],
});
