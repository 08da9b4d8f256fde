import flannel from "../data/kube-flannel.yml?raw";
import firewall from "../data/kube-router-firewall.yaml?raw";
import { documents, kind, pod, scenario } from "./parts.ts";

const SERVICE = `apiVersion: v1
kind: Service
metadata:
  name: database
spec:
  clusterIP: 10.96.0.54
  selector:
    app: database
  ports:
  - port: 80
`;

const POLICIES = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
spec:
  podSelector: {}
  policyTypes:
  - Ingress
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: frontend-to-backend
spec:
  podSelector:
    matchLabels:
      app: backend
  ingress:
  - from:
    - podSelector:
        matchLabels:
          app: frontend
    ports:
    - port: 80
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: backend-to-database
spec:
  podSelector:
    matchLabels:
      app: database
  ingress:
  - from:
    - podSelector:
        matchLabels:
          app: backend
    ports:
    - port: 80
`;

export default scenario("network-policy", {
  text: {
    en: "frontend, backend, database. The front end shall not speak to the database. A policy lets in; what selects a pod without letting anybody in keeps all out. Flannel itself enforces nothing: here kube-router's policy controller does, with iptables chains and ipsets on the node of the pod that is asked; with Calico it would be Felix. The policy holds behind Services too, because it looks at the pod's address, after DNAT. Policies by eBPF (Cilium) or ebtables are not modelled here.",
    zh: "frontend、backend、database 三个 Pod。前端不应该直接访问数据库。策略是“允许名单”：选中了 Pod 却不允许任何人，就是全部拒绝。flannel 本身什么也不执行：这里由 kube-router 的策略控制器在被访问 Pod 所在的节点上用 iptables 链和 ipset 执行；换成 Calico 则是 Felix。策略对 Service 同样有效，因为它看的是 DNAT 之后的 Pod 地址。基于 eBPF（Cilium）或 ebtables 的策略这里没有建模。",
  },
  cluster: kind({ workers: 2 }),
  manifests: [
    { name: "kube-flannel.yml", yaml: flannel },
    { name: "kube-router-firewall.yaml", yaml: firewall, after: "nodes-ready" },
    {
      name: "shop.yaml",
      yaml: documents(
        pod("frontend", "kind-worker"),
        pod("backend", "kind-worker2"),
        pod("database", "kind-worker"),
        SERVICE,
      ),
    },
    { name: "policies.yaml", yaml: POLICIES, after: "pods-ready" },
  ],
  setup: "sleep 3\n",
  probes: [
    {
      title: { en: "frontend asks backend: allowed", zh: "frontend 访问 backend：允许" },
      from: "kind-worker.default.frontend",
      kind: "http",
      target: "http://{kind-worker2.default.backend}",
      expect: { outcome: "answered", says: "backend" },
    },
    {
      title: { en: "frontend asks database: not allowed", zh: "frontend 访问 database：不允许" },
      from: "kind-worker.default.frontend",
      kind: "tcp",
      target: "{kind-worker.default.database}",
      port: 80,
      look: { en: "The chain of the pod that is asked rejects it.", zh: "被访问 Pod 的链拒绝了它。" },
      expect: { outcome: "refused", avoids: ["kind-worker.default.database/eth0 dst port 80"] },
    },
    {
      title: { en: "The same by the Service's address", zh: "换成 Service 的地址也一样" },
      from: "kind-worker.default.frontend",
      kind: "tcp",
      target: "10.96.0.54",
      port: 80,
      expect: { outcome: "refused", avoids: ["kind-worker.default.database/eth0 dst port 80"] },
    },
    {
      title: { en: "backend asks database: allowed", zh: "backend 访问 database：允许" },
      from: "kind-worker2.default.backend",
      kind: "http",
      target: "http://10.96.0.54",
      expect: { outcome: "answered", says: "database" },
    },
    {
      title: { en: "The rules of the database's chain", zh: "database 的规则链" },
      from: "kind-worker",
      kind: "shell",
      target: "iptables-save -t filter | grep -E 'KUBE-POD-FW|KUBE-NWPLCY' | head -30",
      expect: { outcome: "answered", says: "KUBE-POD-FW" },
    },
  ],
});
