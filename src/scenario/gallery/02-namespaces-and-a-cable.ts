import { scenario } from "./parts.ts";

const SCRIPT = `ip netns add left
ip netns add right
ip link add eth0 netns left type veth peer name eth0 netns right
ip -n left addr add 10.0.0.1/24 dev eth0
ip -n right addr add 10.0.0.2/24 dev eth0
ip -n left link set lo up
ip -n right link set lo up
ip -n left link set eth0 up
ip -n right link set eth0 up
`;

export default scenario("namespaces-and-a-cable", {
  text: {
    en: "A network namespace is a machine's network without the machine: devices, addresses, routes and rules of its own. Here are two, joined by a veth pair, which is a cable with a plug at either end. Before left can send to 10.0.0.2 it has to learn whose hardware address that is: it asks everybody on the cable (ARP), hears the answer, and keeps it in its neighbour table. An address that nobody has stays unanswered.",
    zh: "网络命名空间好比一台只有网络、没有机器的主机：它有自己的设备、地址、路由和规则。这里有两个命名空间，用一对 veth 相连，也就是一根两头都有插头的网线。left 要发给 10.0.0.2，先得知道这个地址对应哪个硬件地址（MAC 地址）：它向网线上的所有人询问（ARP），听到回答后记进自己的邻居表。没有人拥有的地址，自然没有人回答。",
  },
  script: SCRIPT,
  probes: [
    {
      title: { en: "left pings right for the first time", zh: "left 第一次 ping right" },
      from: "left",
      kind: "ping",
      target: "10.0.0.2",
      look: {
        en: "First a question to everybody (ARP), then the ping.",
        zh: "先是向所有人提问（ARP），然后才是 ping。",
      },
      expect: {
        outcome: "answered",
        passes: ["left/eth0 arp", "right/eth0 arp", "right/eth0 icmp", "left/eth0 icmp"],
      },
    },
    {
      title: { en: "What left has learnt", zh: "left 学到了什么" },
      from: "left",
      kind: "shell",
      target: "ip neigh",
      look: {
        en: "The address, its MAC address, and how fresh the entry is.",
        zh: "地址、对应的 MAC 地址，以及这个条目有多新。",
      },
      expect: { outcome: "answered", says: "10.0.0.2 dev eth0 lladdr" },
    },
    {
      title: { en: "Once more: nobody has to be asked", zh: "再来一次：不用再问了" },
      from: "left",
      kind: "ping",
      target: "10.0.0.2",
      look: {
        en: "The neighbour table has the answer: no ARP this time.",
        zh: "邻居表里已有答案：这次没有 ARP。",
      },
      expect: { outcome: "answered", passes: ["right/eth0 icmp"], avoids: ["left/eth0 arp"] },
    },
    {
      title: { en: "An address that nobody has", zh: "没有人拥有的地址" },
      from: "left",
      kind: "shell",
      target: "ping -c1 -W4 10.0.0.9",
      look: {
        en: "Three questions, no answer: Destination Host Unreachable, said by left itself.",
        zh: "问了三次都没有回答：“Destination Host Unreachable” 是 left 自己说的。",
      },
      expect: {
        outcome: "failed",
        says: "Destination Host Unreachable",
        passes: ["right/eth0 arp host 10.0.0.9"],
        avoids: ["left/eth0 icmp"],
      },
    },
  ],
});
