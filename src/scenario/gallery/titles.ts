import type { Translated } from "../story.ts";

/** What stands over each scenario, in the order of the gallery. An id is part of links: it never changes. */
export const TITLES = {
  "first-packet": { en: "Your first packet", zh: "第一个数据包" },
  "namespaces-and-a-cable": { en: "Two namespaces and a cable", zh: "两个命名空间和一根网线" },
  bridge: { en: "A bridge learns", zh: "网桥如何学习" },
  "router-and-nat": { en: "A router, and NAT to the Internet", zh: "路由器与通往互联网的 NAT" },
  iptables: { en: "iptables: hooks, tables, chains", zh: "iptables：钩子、表与链" },
  docker: { en: "Docker alone", zh: "只有 Docker" },
  "no-nat": { en: "Why pods need no NAT", zh: "为什么 Pod 之间不需要 NAT" },
  "static-routes": { en: "A flat network by static routes", zh: "用静态路由搭一张扁平网络" },
  pause: { en: "The pause container", zh: "pause 容器" },
  "no-plugin": { en: "No plugin, then how a pod comes to be", zh: "没有网络插件，以及 Pod 的诞生" },
  "host-gw": { en: "flannel host-gw in five steps", zh: "flannel host-gw：五步走完" },
  vxlan: { en: "flannel VXLAN", zh: "flannel VXLAN" },
  "vxlan-by-hand": { en: "VXLAN by hand", zh: "手工搭建 VXLAN" },
  "flannel-on-docker0": { en: "flannel on docker0", zh: "docker0 上的 flannel" },
  calico: { en: "Calico: BGP and IPIP", zh: "Calico：BGP 与 IPIP" },
  userspace: { en: "A Service by the userspace kube-proxy", zh: "用户态 kube-proxy 的 Service" },
  "kube-proxy-iptables": {
    en: "kube-proxy's iptables, rule by rule",
    zh: "逐条看 kube-proxy 的 iptables 规则",
  },
  nodeport: { en: "NodePort with the pod elsewhere", zh: "Pod 不在本节点的 NodePort" },
  "lvs-by-hand": { en: "LVS by hand in three commands", zh: "三条命令手写 LVS" },
  "ipvs-and-nftables": {
    en: "kube-proxy with IPVS, then nftables",
    zh: "kube-proxy 的 IPVS 与 nftables 模式",
  },
  "service-types": { en: "The four types of Service", zh: "Service 的四种类型" },
  headless: { en: "Headless, and without a selector", zh: "无头服务与没有选择器的服务" },
  "a-pod-dies": { en: "A pod dies", zh: "一个 Pod 死去" },
  dns: { en: "DNS in a cluster", zh: "集群里的 DNS" },
  ingress: { en: "Ingress, and a balancer from scratch", zh: "Ingress，以及从零搭建的负载均衡" },
  "network-policy": { en: "NetworkPolicy", zh: "NetworkPolicy 网络策略" },
  "pod-to-internet": { en: "From a pod to the Internet", zh: "从 Pod 到互联网" },
  "mtu-black-hole": { en: "The MTU black hole", zh: "MTU 黑洞" },
  "refused-or-timed-out": { en: "Refused or timed out?", zh: "被拒绝，还是超时？" },
  "overlapping-ranges": { en: "Overlapping address ranges", zh: "地址段重叠" },
  backends: { en: "flannel's other backends", zh: "flannel 的其他后端" },
  "two-nics": { en: "A pod with two NICs", zh: "有两块网卡的 Pod" },
  "ha-control-plane": { en: "A highly available control plane", zh: "高可用控制平面" },
} as const satisfies Readonly<Record<string, Translated>>;

export type GalleryId = keyof typeof TITLES;
