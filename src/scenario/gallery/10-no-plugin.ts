import { documents, kind, pod, scenario } from "./parts.ts";

export default scenario("no-plugin", {
  text: {
    en: "A cluster without a network plugin. The nodes are NotReady, and the pods that were put on them wait in ContainerCreating: the runtime says that its network is not ready, so the kubelet does not even ask for a sandbox. Only pods that use the node's own network run. Now apply flannel and watch how a pod comes to be: the kubelet asks containerd for a sandbox; containerd makes a namespace, calls the plugins (CNI ADD), and only then starts pause. It is the runtime that calls CNI, not the kubelet, and IPAM gives the address, not pause.",
    zh: "一个没有网络插件的集群。节点是 NotReady，放到上面的 Pod 停在 ContainerCreating：容器运行时报告网络未就绪，kubelet 干脆不去要沙箱。只有使用节点自身网络的 Pod 在运行。现在应用 flannel，看一个 Pod 是怎样诞生的：kubelet 向 containerd 要一个沙箱；containerd 创建命名空间，调用插件（CNI ADD），然后才启动 pause。调用 CNI 的是容器运行时，而不是 kubelet；分配地址的是 IPAM，而不是 pause。",
  },
  cluster: kind({ workers: 1 }),
  manifests: [
    {
      name: "pods.yaml",
      yaml: documents(pod("anna", "kind-control-plane"), pod("ben", "kind-worker")),
    },
  ],
  probes: [
    {
      title: { en: "The nodes, without a plugin", zh: "没有插件时的节点" },
      from: "",
      kind: "shell",
      target: "kubectl get nodes; kubectl get pods -A -o wide",
      look: {
        en: "NotReady; only pods with the node's own network run.",
        zh: "NotReady；只有使用节点自身网络的 Pod 在运行。",
      },
      expect: { outcome: "answered", says: "NotReady" },
    },
    {
      title: { en: "What the kubelet complains of", zh: "kubelet 在抱怨什么" },
      from: "",
      kind: "shell",
      target: "kubectl describe pod ben | tail -3",
      look: { en: "The runtime has no CNI configuration yet.", zh: "容器运行时还没有 CNI 配置。" },
      expect: { outcome: "answered", says: "cni plugin not initialized" },
    },
    {
      title: { en: "Apply flannel, and wait", zh: "应用 flannel，然后等待" },
      from: "",
      kind: "shell",
      target:
        "kubectl apply -f https://github.com/flannel-io/flannel/releases/latest/download/kube-flannel.yml && kubectl wait --for=condition=Ready pod/anna pod/ben --timeout=120s && kubectl get pods -o wide",
      look: { en: "cni0 and a veth pair appear on each node.", zh: "每个节点上出现了 cni0 和一对 veth。" },
      expect: { outcome: "answered", says: "10.244.1." },
    },
    {
      title: { en: "What the plugin is told", zh: "插件收到的配置" },
      from: "kind-worker",
      kind: "shell",
      target: "cat /etc/cni/net.d/10-flannel.conflist /run/flannel/subnet.env; ip -br addr; ip route",
      look: {
        en: "The plugin's configuration, the node's own range, and what became of them.",
        zh: "插件的配置、本节点的网段，以及由此产生的设备和路由。",
      },
      expect: { outcome: "answered", says: "FLANNEL_SUBNET=10.244.1.1/24" },
    },
    {
      title: { en: "anna pings ben", zh: "anna ping ben" },
      from: "kind-control-plane.default.anna",
      kind: "ping",
      target: "{kind-worker.default.ben}",
      look: {
        en: "By cni0 and flannel.1, which were not there before.",
        zh: "经过 cni0 和 flannel.1，刚才它们还不存在。",
      },
      expect: { outcome: "answered" },
    },
  ],
});
