/** What lies in the palette. */
export const ITEMS = {
  cluster: ["node", "pod", "service", "deployment", "policy", "ingress"],
  linux: ["namespace", "bridge", "cable", "docker", "container"],
  underlay: ["switch", "router", "balancer", "internet", "client"],
  plugin: [
    "flannel-vxlan",
    "flannel-host-gw",
    "flannel-ipip",
    "flannel-wireguard",
    "flannel-ipsec",
    "flannel-udp",
    "calico",
    "kindnet",
    "none",
  ],
  proxy: ["iptables", "ipvs", "nftables"],
} as const;

export type Section = keyof typeof ITEMS;
export type Item = (typeof ITEMS)[Section][number];
