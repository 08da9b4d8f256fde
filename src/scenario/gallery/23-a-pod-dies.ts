import flannel from "../data/kube-flannel.yml?raw";
import { documents, kind, pod, scenario } from "./parts.ts";

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      terminationGracePeriodSeconds: 2
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
  clusterIP: 10.96.0.80
  selector:
    app: web
  ports:
  - port: 80
`;

export default scenario("a-pod-dies", {
  text: {
    en: "Pods come and go, each time with another address; the Service stays. Delete one of web's two pods and look at who does what: the endpoint controller takes the address out of the EndpointSlice, every kube-proxy (which watches the API server, not etcd) rewrites its rules, the ReplicaSet makes a new pod, the scheduler gives it a node, the kubelet starts it, and when it is ready its address comes into the list. Whoever asks for 10.96.0.80 notices nothing, but for connections that were open.",
    zh: "Pod 来来去去，每次地址都不一样；Service 不变。删掉 web 的两个 Pod 之一，看看谁做了什么：端点控制器把地址从 EndpointSlice 里拿掉；每个 kube-proxy（它监听的是 API server，而不是 etcd）改写规则；ReplicaSet 新建一个 Pod；调度器给它选节点；kubelet 启动它；就绪之后，新地址进入列表。访问 10.96.0.80 的人什么也察觉不到，除非当时正连着。",
  },
  cluster: kind({ workers: 2 }),
  manifests: [
    { name: "kube-flannel.yml", yaml: flannel },
    { name: "web.yaml", yaml: documents(pod("ask", "kind-worker"), WEB), after: "nodes-ready" },
  ],
  probes: [
    {
      title: { en: "ask calls the Service", zh: "ask 访问 Service" },
      from: "kind-worker.default.ask",
      kind: "http",
      target: "http://10.96.0.80",
      expect: { outcome: "answered", says: "web-" },
    },
    {
      title: { en: "Who stands behind it", zh: "它后面是谁" },
      from: "",
      kind: "shell",
      target:
        "kubectl get endpointslices -l kubernetes.io/service-name=web; kubectl get pods -l app=web -o wide",
      expect: { outcome: "answered", says: "10.244." },
    },
    {
      title: { en: "One pod is deleted", zh: "删除一个 Pod" },
      from: "",
      kind: "shell",
      target:
        "kubectl delete $(kubectl get pods -l app=web -o name | head -1); kubectl get endpointslices -l kubernetes.io/service-name=web; sleep 10; kubectl get pods -l app=web -o wide; kubectl get endpointslices -l kubernetes.io/service-name=web",
      look: { en: "Another address in the list.", zh: "列表里换了一个地址。" },
      expect: { outcome: "answered", says: "deleted" },
    },
    {
      title: { en: "ask calls again", zh: "ask 再次访问" },
      from: "kind-worker.default.ask",
      kind: "http",
      target: "http://10.96.0.80",
      expect: { outcome: "answered", says: "web-" },
    },
    {
      title: { en: "What happened, in order", zh: "依次发生了什么" },
      from: "",
      kind: "shell",
      target: "kubectl get events --sort-by=.lastTimestamp | tail -8",
      expect: { outcome: "answered", says: "SuccessfulCreate" },
    },
  ],
});
