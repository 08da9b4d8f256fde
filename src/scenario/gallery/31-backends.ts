import flannel from "../data/kube-flannel.yml?raw";
import { documents, kind, pod, scenario } from "./parts.ts";

/** Another backend for all nodes: the configuration is changed, the old tunnel is taken away, flanneld starts anew. */
function change(backend: string): string {
  return `kubectl -n kube-flannel get configmap kube-flannel-cfg -o yaml | sed 's/"Type": "[a-z-]*"/"Type": "${backend}"/' | kubectl apply -f - 2>/dev/null
for node in kind-control-plane kind-worker kind-worker2; do
  for device in flannel.1 flannel.ipip flannel0 flannel-wg; do ssh $node ip link del $device 2>/dev/null; done
done
kubectl -n kube-flannel delete pod -l app=flannel >/dev/null
sleep 12
ssh kind-worker ip route; ssh kind-worker cat /run/flannel/subnet.env`;
}

/** flannel wants 96 characters at least. */
const PSK = "f1a22e16".repeat(12);

const PING = {
  from: "kind-worker.default.left",
  kind: "ping",
  target: "{kind-worker2.default.right}",
} as const;

export default scenario("backends", {
  text: {
    en: "One cluster, six ways of carrying a packet to the other node; look at eth0 each time. vxlan: an Ethernet frame in UDP 8472, 50 bytes more. host-gw: as it is, no byte more, but only on one network. ipip: an IP packet in an IP packet, 20 bytes more (protocol 4, no ports). udp: by the program flanneld itself, through a tun device, UDP 8285; slow, and meant for finding faults. wireguard: encrypted, UDP 51820, so that on the wire nothing can be read. ipsec: encrypted by the kernel, ESP (protocol 50), without any device: policies say which packets, charon makes the keys by IKE on UDP 500 and 4500; what is decrypted comes in at eth0 once more. With alloc a cloud's router holds the routes and the nodes have none.",
    zh: "一个集群，六种把数据包送到另一个节点的方法，每次都看 eth0。vxlan：以太网帧装进 UDP 8472，多 50 字节。host-gw：原样发送，一个字节也不多，但只能在同一网络里。ipip：IP 包套 IP 包，多 20 字节（协议号 4，没有端口）。udp：由 flanneld 程序自己搬运，经过 tun 设备，UDP 8285，很慢，只用来排错。wireguard：加密，UDP 51820，网线上什么也读不到。ipsec：由内核加密，ESP（协议号 50），没有任何设备：策略规定哪些数据包，charon 通过 UDP 500 和 4500 上的 IKE 生成密钥；解密出来的包会再从 eth0 进来一次。alloc 后端由云的路由器持有路由，节点上没有。",
  },
  cluster: kind({ workers: 2 }),
  manifests: [
    { name: "kube-flannel.yml", yaml: flannel },
    {
      name: "pods.yaml",
      yaml: documents(pod("left", "kind-worker"), pod("right", "kind-worker2")),
      after: "nodes-ready",
    },
  ],
  probes: [
    {
      title: { en: "vxlan", zh: "vxlan" },
      ...PING,
      expect: {
        outcome: "answered",
        passes: ["kind-worker/eth0 udp port 8472"],
        avoids: ["kind-worker/eth0 icmp"],
      },
    },
    {
      title: { en: "Change to host-gw", zh: "切换到 host-gw" },
      from: "",
      kind: "shell",
      target: change("host-gw"),
      expect: { outcome: "answered", says: "FLANNEL_MTU=1500" },
    },
    {
      title: { en: "host-gw", zh: "host-gw" },
      ...PING,
      expect: {
        outcome: "answered",
        passes: ["kind-worker/eth0 icmp"],
        avoids: ["kind-worker/eth0 udp port 8472"],
      },
    },
    {
      title: { en: "Change to ipip", zh: "切换到 ipip" },
      from: "",
      kind: "shell",
      target: change("ipip"),
      expect: { outcome: "answered", says: "FLANNEL_MTU=1480" },
    },
    {
      title: { en: "ipip", zh: "ipip" },
      ...PING,
      expect: {
        outcome: "answered",
        passes: ["kind-worker/flannel.ipip icmp", "kind-worker/eth0 ip proto 4"],
        avoids: ["kind-worker/eth0 icmp"],
      },
    },
    {
      title: { en: "Change to udp", zh: "切换到 udp" },
      from: "",
      kind: "shell",
      target: change("udp"),
      expect: { outcome: "answered", says: "FLANNEL_MTU=1472" },
    },
    {
      title: { en: "udp", zh: "udp" },
      ...PING,
      expect: {
        outcome: "answered",
        passes: ["kind-worker/flannel0 icmp", "kind-worker/eth0 udp port 8285"],
      },
    },
    {
      title: { en: "Change to wireguard", zh: "切换到 wireguard" },
      from: "",
      kind: "shell",
      target: change("wireguard"),
      expect: { outcome: "answered", says: "FLANNEL_MTU=1420" },
    },
    {
      title: { en: "wireguard", zh: "wireguard" },
      ...PING,
      expect: {
        outcome: "answered",
        passes: ["kind-worker/flannel-wg icmp", "kind-worker/eth0 udp port 51820"],
        avoids: ["kind-worker/eth0 icmp"],
      },
    },
    {
      title: { en: "Change to ipsec", zh: "切换到 ipsec" },
      from: "",
      kind: "shell",
      target: `${change(`ipsec", "PSK": "${PSK}`)}; ssh kind-worker ip xfrm policy; ssh kind-worker ip xfrm state`,
      expect: { outcome: "answered", says: "FLANNEL_MTU=1423" },
    },
    {
      title: { en: "ipsec", zh: "ipsec" },
      ...PING,
      expect: {
        outcome: "answered",
        passes: ["kind-worker/eth0 ip proto 50"],
        avoids: ["kind-worker/eth0 udp port 51820"],
      },
    },
  ],
});
