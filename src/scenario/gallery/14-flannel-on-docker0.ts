import type { MachineInput } from "../underlay.ts";
import { scenario } from "./parts.ts";

/** One host of the text: an earlier run left its range, which flanneld asks for again. */
function host(name: string, address: string, subnet: string, others: readonly string[]): MachineInput {
  return {
    name,
    role: "docker",
    interfaces: [{ on: "lan", addresses: [`${address}/24`] }],
    routes: [{ to: "default", via: "192.168.0.1" }],
    docker: { version: "20.10", starts: false },
    script: `mkdir -p /run/flannel /etc/systemd/system/docker.service.d
echo FLANNEL_NETWORK=172.30.0.0/16 >/run/flannel/subnet.env
echo FLANNEL_SUBNET=${subnet}.1/24 >>/run/flannel/subnet.env
flanneld --etcd-endpoints=http://192.168.0.10:2379 --ip-masq >/run/flannel/log 2>&1 &
cat >/etc/systemd/system/docker.service.d/flannel.conf <<'UNIT'
[Service]
EnvironmentFile=/run/flannel/subnet.env
ExecStart=
ExecStart=/usr/bin/dockerd --bip=\${FLANNEL_SUBNET} --mtu=\${FLANNEL_MTU} --ip-masq=false
UNIT
sleep 3
# What systemd does with that file:
. /run/flannel/subnet.env
dockerd --bip=$FLANNEL_SUBNET --mtu=$FLANNEL_MTU --ip-masq=false >/run/flannel/dockerd.log 2>&1 &
sleep 2
${others.map((other) => `docker run -d --name ${other} nicolaka/netshoot sleep infinity\n`).join("")}`,
  };
}

export default scenario("flannel-on-docker0", {
  text: {
    en: "Before CNI: flanneld takes a range out of 172.30.0.0/16 and keeps it in etcd, writes it into /run/flannel/subnet.env, and a systemd drop-in starts dockerd with --bip and --mtu from that file, so that docker0 has the range of flannel's choice and no pod plugin is needed. From 172.30.76.7 to 172.30.9.2 the packet goes by docker0, flannel.1, the wire, flannel.1, docker0. In the text all of 172.30.0.0/16 has one route and every container an ARP entry of its own: so it was before flannel 0.9, when flanneld answered the kernel's questions (L3MISS) one by one. Since then it writes one route, one neighbour and one FDB entry for each host, and that is what you see here; the old one lies on both hosts as flanneld-0.5.5 (pkill flanneld; ip link del flannel.1; flanneld-0.5.5 -etcd-endpoints=http://192.168.0.10:2379 &), and ip monitor neigh shows what the kernel asks it. (The text's 172.30.9.0/8 is a /24.)",
    zh: "在有 CNI 之前：flanneld 从 172.30.0.0/16 里取一段，记在 etcd 里，写进 /run/flannel/subnet.env；systemd 的附加配置用这个文件里的值以 --bip 和 --mtu 启动 dockerd，于是 docker0 用的就是 flannel 选定的网段，不需要 Pod 网络插件。从 172.30.76.7 到 172.30.9.2，数据包经过 docker0、flannel.1、网线、flannel.1、docker0。文章里整个 172.30.0.0/16 只有一条路由，每个容器各有一个 ARP 条目：那是 flannel 0.9 以前，内核一问（L3MISS），flanneld 答一条。从那以后，它为每台主机各写一条路由、一条邻居、一条转发表条目，这里看到的就是这样；两台主机上也有旧版，名叫 flanneld-0.5.5（先 pkill flanneld; ip link del flannel.1，再运行 flanneld-0.5.5 -etcd-endpoints=http://192.168.0.10:2379 &），ip monitor neigh 会显示内核问了它什么。（文中的 172.30.9.0/8 应为 /24。）",
  },
  underlay: { switches: [{ name: "lan" }] },
  machines: [
    {
      name: "etcd",
      role: "linux",
      interfaces: [{ on: "lan", addresses: ["192.168.0.10/24"] }],
      script: `etcdctl put /coreos.com/network/config '{"Network": "172.30.0.0/16", "Backend": {"Type": "vxlan"}}'\n`,
    },
    host("host-a", "192.168.0.21", "172.30.76", ["c2", "c3", "c4", "c5", "c6", "sender"]),
    host("host-b", "192.168.0.22", "172.30.9", ["receiver"]),
  ],
  probes: [
    {
      title: { en: "172.30.76.7 pings 172.30.9.2", zh: "172.30.76.7 ping 172.30.9.2" },
      from: "host-a.sender",
      kind: "ping",
      target: "172.30.9.2",
      look: {
        en: "docker0, flannel.1, the wire, flannel.1, docker0; both containers keep their addresses.",
        zh: "docker0、flannel.1、网线、flannel.1、docker0；两个容器的地址始终不变。",
      },
      expect: {
        outcome: "answered",
        passes: [
          "host-a.sender/eth0 src host 172.30.76.7",
          "host-a/docker0 icmp",
          "host-a/flannel.1 icmp",
          "host-a/eth0 udp port 8472 and dst host 192.168.0.22",
          "host-b/flannel.1 icmp",
          "host-b/docker0 icmp",
          "host-b.receiver/eth0 src host 172.30.76.7",
        ],
        avoids: ["host-a/eth0 icmp"],
      },
    },
    {
      title: { en: "Route, neighbour, FDB", zh: "路由表、邻居表、转发表" },
      from: "host-a",
      kind: "shell",
      target: "ip route | grep 172.30; ip neigh show dev flannel.1; bridge fdb show dev flannel.1",
      look: {
        en: "One of each for the other host: 192.168.0.22.",
        zh: "针对另一台主机 192.168.0.22 各有一条。",
      },
      expect: { outcome: "answered", says: "dst 192.168.0.22 self permanent" },
    },
    {
      title: {
        en: "What flanneld wrote, and what docker0 became",
        zh: "flanneld 写了什么，docker0 成了什么",
      },
      from: "host-a",
      kind: "shell",
      target: "cat /run/flannel/subnet.env; ip addr show docker0 | grep -o 'mtu [0-9]*\\|inet [0-9./]*'",
      look: { en: "--bip and --mtu came from this file.", zh: "--bip 和 --mtu 就来自这个文件。" },
      expect: { outcome: "answered", says: "inet 172.30.76.1/24" },
    },
    {
      title: { en: "What etcd keeps", zh: "etcd 里存着什么" },
      from: "etcd",
      kind: "shell",
      target: "etcdctl get --prefix /coreos.com/network/",
      look: { en: "Which host has which range.", zh: "哪台主机占用哪个网段。" },
      expect: { outcome: "answered", says: "/coreos.com/network/subnets/172.30.76.0-24" },
    },
    {
      title: { en: "Hop by hop", zh: "一跳一跳地走" },
      from: "host-a.sender",
      kind: "traceroute",
      target: "172.30.9.2",
      look: {
        en: "host-a, then host-b: the underlay is no hop.",
        zh: "先 host-a，再 host-b：底层网络不算一跳。",
      },
      expect: { outcome: "answered", says: "172.30.9.0" },
    },
  ],
});
