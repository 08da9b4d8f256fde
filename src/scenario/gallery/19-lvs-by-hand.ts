import { scenario } from "./parts.ts";

const SCRIPT = `# Step 1: the kernel must believe that the address is its own, or IPVS is never asked.
ip route add to local 192.168.60.200/32 dev eth0 proto kernel
# Step 2: a virtual server.
ipvsadm -A -t 192.168.60.200:9376 -s rr
# Step 3: real servers, by masquerading.
ipvsadm -a -t 192.168.60.200:9376 -r 10.1.2.3:80 -m
ipvsadm -a -t 192.168.60.200:9376 -r 10.1.4.5:80 -m
ipvsadm -a -t 192.168.60.200:9376 -r 10.1.3.8:80 -m
# The same with persistence: one client stays with one server for 600 seconds.
ipvsadm -A -t 192.168.60.200:9377 -s rr -p 600
ipvsadm -a -t 192.168.60.200:9377 -r 10.1.2.3:80 -m
ipvsadm -a -t 192.168.60.200:9377 -r 10.1.4.5:80 -m
ipvsadm -a -t 192.168.60.200:9377 -r 10.1.3.8:80 -m
`;

const PODS = ["10.1.2.3", "10.1.4.5", "10.1.3.8"];
const gateway = (address: string): string => address.replace(/\.\d+$/, ".1");

export default scenario("lvs-by-hand", {
  text: {
    en: "A Service in three commands: make the kernel take 192.168.60.200 for one of its own addresses, make a virtual server on it, and name the real servers. Ask three times and three pods answer in turn (rr). With -p 600, as in many a tutorial, a single client sees no round robin at all: persistence keeps it with one server for ten minutes. Without the first command the packet is not for this machine, and IPVS is never asked.",
    zh: "三条命令写一个 Service：让内核把 192.168.60.200 当成自己的地址，在上面建一个虚拟服务器，再写明真实服务器。问三次，三个 Pod 轮流回答（rr）。如果像许多教程那样加上 -p 600，单个客户端根本看不到轮询：会话保持会让它十分钟内一直找同一台服务器。没有第一条命令，数据包就不是发给这台机器的，IPVS 根本轮不到。",
  },
  underlay: {
    switches: [{ name: "lan" }],
    cables: PODS.map((_, i) => ({ name: `cable${i + 1}` })),
  },
  machines: [
    {
      name: "client",
      role: "client",
      interfaces: [{ on: "lan", addresses: ["192.168.60.10/24"] }],
      routes: [{ to: "192.168.60.200/32", via: "192.168.60.1" }],
    },
    {
      name: "lvs",
      role: "router",
      interfaces: [
        { on: "lan", addresses: ["192.168.60.1/24"] },
        ...PODS.map((address, i) => ({
          name: `eth${i + 1}`,
          on: `cable${i + 1}`,
          addresses: [`${gateway(address)}/24`],
        })),
      ],
      script: SCRIPT,
    },
    ...PODS.map((address, i) => ({
      name: `pod${i + 1}`,
      role: "linux" as const,
      interfaces: [{ on: `cable${i + 1}`, addresses: [`${address}/24`] }],
      routes: [{ to: "default" as const, via: gateway(address) }],
      servers: [{ protocol: "http" as const, port: 80, says: `here is ${address}` }],
    })),
  ],
  probes: [
    {
      title: { en: "Three times, three pods", zh: "问三次，三个 Pod" },
      from: "client",
      kind: "shell",
      target: "for i in 1 2 3; do curl -sS -m 3 http://192.168.60.200:9376; done",
      look: { en: "Three addresses in the answers.", zh: "三个回答里是三个不同的地址。" },
      expect: { outcome: "answered", says: "here is 10.1.3.8\nhere is 10.1.4.5\nhere is 10.1.2.3" },
    },
    {
      title: { en: "One call", zh: "访问一次" },
      from: "client",
      kind: "http",
      target: "http://192.168.60.200:9376",
      look: {
        en: "At INPUT of lvs the destination becomes a pod's.",
        zh: "在 lvs 的 INPUT 处，目的地址变成了 Pod 的地址。",
      },
      expect: {
        outcome: "answered",
        says: "here is 10.1.",
        passes: ["lvs/eth0 dst host 192.168.60.200 and dst port 9376", "client/eth0 src host 192.168.60.200"],
      },
    },
    {
      title: { en: "With persistence: always the same", zh: "会话保持：总是同一个" },
      from: "client",
      kind: "shell",
      target: "for i in 1 2 3 4; do curl -sS -m 3 http://192.168.60.200:9377; done",
      expect: {
        outcome: "answered",
        says: "here is 10.1.3.8\nhere is 10.1.3.8\nhere is 10.1.3.8\nhere is 10.1.3.8",
      },
    },
    {
      title: { en: "What IPVS knows", zh: "IPVS 知道什么" },
      from: "lvs",
      kind: "shell",
      target: "ipvsadm -Ln; ip route show table local | grep 192.168.60.200",
      expect: { outcome: "answered", says: "TCP  192.168.60.200:9376 rr" },
    },
    {
      title: { en: "Without the first command", zh: "如果没有第一条命令" },
      from: "",
      kind: "shell",
      target:
        "ssh lvs ip route del local 192.168.60.200/32 dev eth0; ssh client curl -sS -m 3 http://192.168.60.200:9376",
      expect: { outcome: "failed", avoids: ["pod1/eth0 tcp", "pod2/eth0 tcp", "pod3/eth0 tcp"] },
    },
  ],
});
