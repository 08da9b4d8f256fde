import type { MachineInput } from "../underlay.ts";
import { scenario } from "./parts.ts";

const MAC = { node1: "0e:00:00:00:00:01", node2: "0e:00:00:00:00:02" } as const;

/** The text's commands on one host; `me` and `other` are 1 and 2. */
function commands(me: 1 | 2, other: 1 | 2): string {
  return `set -u
sysctl -w net.ipv4.ip_forward=1
sysctl -w net.ipv4.conf.all.proxy_arp=1
sysctl -w net.ipv4.conf.all.rp_filter=0
iptables -A FORWARD -d 172.16.0.0/16 -j ACCEPT
iptables -A FORWARD -s 172.16.0.0/16 -j ACCEPT
ip link add vxlan.1 address ${MAC[`node${me}`]} type vxlan id 1 dstport 4789 local 192.168.56.${me} nolearning
ip link set vxlan.1 up
ip addr add 172.16.${me}.0/32 dev vxlan.1
# The gateway is on no network of ours: onlink says that it can be asked all the same.
ip route add 172.16.${other}.0/24 via 172.16.${other}.0 dev vxlan.1 onlink
ip neigh add 172.16.${other}.0 lladdr ${MAC[`node${other}`]} dev vxlan.1
bridge fdb append ${MAC[`node${other}`]} dev vxlan.1 dst 192.168.56.${other}
# A pod: a namespace, a cable, one route out.
ip netns add pod${me}
ip link add veth${me} type veth peer name eth0 netns pod${me}
ip link set veth${me} up
ip route add 172.16.${me}.1/32 dev veth${me}
ip -n pod${me} link set lo up
ip -n pod${me} link set eth0 up
ip -n pod${me} addr add 172.16.${me}.1/32 dev eth0
ip -n pod${me} route add 169.254.1.1 dev eth0
ip -n pod${me} route add default via 169.254.1.1
`;
}

function host(me: 1 | 2, other: 1 | 2): MachineInput {
  return {
    name: `node${me}`,
    role: "linux",
    interfaces: [{ on: "lan", addresses: [`192.168.56.${me}/24`] }],
    // proxy_arp answers for what the node itself knows a way to: here by its default route, though nobody is there.
    routes: [{ to: "default", via: "192.168.56.254" }],
    script: commands(me, other),
  };
}

export default scenario("vxlan-by-hand", {
  text: {
    en: "What flannel does for you, typed by hand on two machines: no bridge, only routes. The pod's gateway 169.254.1.1 does not exist; the node answers for it (proxy_arp). Then the node's route says: 172.16.2.0/24 is behind 172.16.2.0 on vxlan.1; the neighbour table knows that address's MAC; the FDB knows that this MAC is at the VTEP 192.168.56.2. The route needs the word onlink, which many texts forget: without it the kernel says \"Nexthop has invalid gateway\".",
    zh: "flannel 替你做的事，这里在两台机器上亲手敲一遍：不用网桥，只用路由。Pod 的网关 169.254.1.1 并不存在，由节点代为回答（proxy_arp）。接着节点的路由说：172.16.2.0/24 在 vxlan.1 上的 172.16.2.0 后面；邻居表知道这个地址的 MAC；转发表（FDB）知道这个 MAC 在 VTEP 192.168.56.2 后面。这条路由需要 onlink，许多文章漏写了：没有它内核会说 “Nexthop has invalid gateway”。",
  },
  underlay: { switches: [{ name: "lan" }] },
  machines: [host(1, 2), host(2, 1)],
  probes: [
    {
      title: { en: "172.16.1.1 pings 172.16.2.1", zh: "172.16.1.1 ping 172.16.2.1" },
      from: "pod1",
      kind: "ping",
      target: "172.16.2.1",
      look: {
        en: "node1 answers ARP for a gateway that nobody has; at vxlan.1 the frame is wrapped.",
        zh: "node1 替谁也没有的网关回答 ARP；在 vxlan.1 处帧被封装。",
      },
      expect: {
        outcome: "answered",
        passes: [
          "pod1/eth0 arp host 169.254.1.1",
          "node1/vxlan.1 icmp",
          "node1/eth0 udp port 4789 and dst host 192.168.56.2",
          "node2/vxlan.1 icmp",
          "pod2/eth0 icmp",
        ],
        avoids: ["lan/node1 icmp"],
      },
    },
    {
      title: { en: "Route, neighbour, FDB", zh: "路由表、邻居表、转发表" },
      from: "node1",
      kind: "shell",
      target: "ip route get 172.16.2.1; ip neigh show dev vxlan.1; bridge fdb show dev vxlan.1",
      look: {
        en: "The three entries that were typed: each says one step further.",
        zh: "手工敲入的三个条目：一条比一条更进一步。",
      },
      expect: { outcome: "answered", says: "dst 192.168.56.2 self permanent" },
    },
    {
      title: { en: "Without onlink", zh: "如果不写 onlink" },
      from: "node1",
      kind: "shell",
      target: "ip route add 172.16.3.0/24 via 172.16.3.0 dev vxlan.1",
      look: {
        en: "No address of node1 is in the gateway's network: the kernel refuses.",
        zh: "node1 没有与该网关同网段的地址：内核拒绝。",
      },
      expect: { outcome: "failed", says: "Nexthop has invalid gateway" },
    },
    {
      title: { en: "The FDB entry is taken away", zh: "删掉转发表的条目" },
      from: "",
      kind: "shell",
      target: `ssh node1 bridge fdb del ${MAC.node2} dev vxlan.1 dst 192.168.56.2; ssh node1 ip netns exec pod1 ping -c1 -W2 172.16.2.1`,
      look: {
        en: "vxlan.1 does not know where to: the packet ends there.",
        zh: "vxlan.1 不知道发往哪里：数据包到此为止。",
      },
      expect: {
        outcome: "failed",
        says: "0 received",
        passes: ["node1/vxlan.1 icmp"],
        avoids: ["node2/eth0 udp port 4789"],
      },
    },
  ],
});
