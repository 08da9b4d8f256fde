import flannel from "../data/kube-flannel.yml?raw";
import deploy from "../data/ingress-nginx/deploy-baremetal.yaml?raw";
import { documents, kind, pod, scenario } from "./parts.ts";

/** The controller's Service with the node port of the text, beyond the usual range. */
const controller = deploy.replace(
  "    name: http\n    port: 80\n",
  "    name: http\n    nodePort: 23456\n    port: 80\n",
);

const service = (name: string): string => `apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector:
    app: ${name}
  ports:
  - port: 80
`;

const ingress = (
  name: string,
  host: string,
  backend: string,
  annotation = "",
): string => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
${annotation}spec:
  ingressClassName: nginx
  rules:
  - host: ${host}
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: ${backend}
            port:
              number: 80
`;

const UPSTREAM = '  annotations:\n    nginx.ingress.kubernetes.io/service-upstream: "true"\n';

export default scenario("ingress", {
  text: {
    en: "From the customer to the pod, each part with one task. The cloud's balancer (192.168.1.100) listens on port 80 and sends to node port 23456 of all nodes. The node port leads to ingress-nginx, which reads the Host header and looks into its Ingress rules. Then nginx opens a second connection. Many drawings let it go through the Service's ClusterIP; in truth nginx knows the pods' addresses itself and dials them, unless the annotation service-upstream is set: shop.example.com and cart.example.com show both. 23456 lies outside 30000-32767, so the API server needs --service-node-port-range.",
    zh: "从顾客到 Pod，每一段各司其职。云上的负载均衡器（192.168.1.100）监听 80 端口，发往所有节点的 23456 端口。节点端口通向 ingress-nginx，它读取 Host 头，查自己的 Ingress 规则。接着 nginx 打开第二条连接。许多图上画的是经过 Service 的 ClusterIP；实际上 nginx 自己知道各个 Pod 的地址，直接连过去，除非设置了 service-upstream 注解：shop.example.com 和 cart.example.com 分别演示了这两种情况。23456 不在 30000-32767 之内，所以 API server 需要 --service-node-port-range。",
  },
  cluster: kind({
    workers: 2,
    patch: "kind: ClusterConfiguration\napiServer:\n  extraArgs:\n    service-node-port-range: 20000-32767\n",
  }),
  underlay: {
    switches: [{ name: "lan" }],
    nodes: ["master", "node1", "node2"].map((name, i) => ({
      name,
      on: "lan",
      address: `192.168.1.1${i}/24`,
      gateway: "192.168.1.1",
    })),
  },
  machines: [
    {
      name: "slb",
      role: "balancer",
      interfaces: [{ on: "lan", addresses: ["192.168.1.100/24"] }],
      balances: [
        { port: 80, to: ["192.168.1.11", "192.168.1.12"].map((address) => ({ address, port: 23456 })) },
      ],
    },
    {
      name: "customer",
      role: "client",
      interfaces: [{ on: "lan", addresses: ["192.168.1.200/24"] }],
    },
  ],
  manifests: [
    { name: "kube-flannel.yml", yaml: flannel },
    { name: "deploy.yaml", yaml: controller, after: "nodes-ready" },
    {
      name: "shop.yaml",
      yaml: documents(pod("shop", "node1"), service("shop"), pod("cart", "node2"), service("cart")),
    },
    {
      name: "ingress.yaml",
      yaml: documents(
        ingress("shop", "shop.example.com", "shop"),
        ingress("cart", "cart.example.com", "cart", UPSTREAM),
      ),
      after: "pods-ready",
    },
  ],
  setup: "sleep 5\n",
  probes: [
    {
      title: { en: "The customer asks for shop.example.com", zh: "顾客访问 shop.example.com" },
      from: "customer",
      kind: "shell",
      target: "curl -sS -m 5 -H 'Host: shop.example.com' http://192.168.1.100",
      look: {
        en: "Three connections: to the balancer, to the node port, from nginx to the pod.",
        zh: "三条连接：到负载均衡器、到节点端口、从 nginx 到 Pod。",
      },
      expect: {
        outcome: "answered",
        says: "shop",
        passes: [
          "slb/eth0 tcp port 80",
          "slb/eth0 tcp dst port 23456",
          "node1.default.shop/eth0 tcp port 80",
        ],
        avoids: ["*.ingress-nginx.ingress-nginx-controller-*/eth0 tcp and net 10.96.0.0/16"],
      },
    },
    {
      title: { en: "cart.example.com, by service-upstream", zh: "cart.example.com，经 service-upstream" },
      from: "customer",
      kind: "shell",
      target: "curl -sS -m 5 -H 'Host: cart.example.com' http://192.168.1.100",
      look: {
        en: "Now nginx dials the ClusterIP, and its node's rules choose the pod.",
        zh: "这次 nginx 拨的是 ClusterIP，由它所在节点的规则选出 Pod。",
      },
      expect: {
        outcome: "answered",
        says: "cart",
        passes: [
          "*.ingress-nginx.ingress-nginx-controller-*/eth0 tcp and dst net 10.96.0.0/16",
          "node2.default.cart/eth0 tcp port 80",
        ],
      },
    },
    {
      title: { en: "A host that no rule knows", zh: "没有规则认识的主机名" },
      from: "customer",
      kind: "shell",
      target: "curl -sS -m 5 -o /dev/null -w '%{http_code}\\n' http://192.168.1.100",
      expect: { outcome: "answered", says: "404" },
    },
    {
      title: { en: "The rules", zh: "规则" },
      from: "",
      kind: "shell",
      target: "kubectl get ingress; kubectl -n ingress-nginx get svc ingress-nginx-controller",
      expect: { outcome: "answered", says: "80:23456/TCP" },
    },
  ],
});
