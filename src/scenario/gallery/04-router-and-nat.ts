import { scenario } from "./parts.ts";

export default scenario("router-and-nat", {
  text: {
    en: "A home: a laptop with a private address, a router, and behind it the Internet. The laptop knows one way for everything it does not know: its router. So it asks by ARP for the router's hardware address, never for the far one's (if the router answered for that, it would be proxy ARP). The router lowers the TTL, and because no one outside has a way back to 192.168.1.0/24 it writes its own address in the place of the sender's (MASQUERADE) and remembers the conversation. From outside nobody can begin one.",
    zh: "一个家庭网络：一台用私有地址的笔记本、一台路由器，外面是互联网。凡是笔记本不认识的地址，它只知道一条路：交给路由器。所以它用 ARP 询问的是路由器的 MAC 地址，而不是远方主机的（假如路由器替远方回答，那叫代理 ARP）。路由器把 TTL 减一；由于外面没有人知道怎么回到 192.168.1.0/24，它把源地址换成自己的（MASQUERADE），并记住这条连接。外面的主机无法主动发起连接。",
  },
  underlay: { switches: [{ name: "home" }], cables: [{ name: "uplink", latencyMs: 8 }] },
  machines: [
    {
      name: "laptop",
      role: "client",
      interfaces: [{ on: "home", addresses: ["192.168.1.10/24"] }],
      routes: [{ to: "default", via: "192.168.1.1" }],
      nameserver: "203.0.113.80",
    },
    {
      name: "router",
      role: "router",
      interfaces: [
        { on: "home", addresses: ["192.168.1.1/24"] },
        { name: "eth1", on: "uplink", addresses: ["203.0.113.2/24"] },
      ],
      masquerade: ["eth1"],
    },
    {
      name: "internet",
      role: "internet",
      interfaces: [{ on: "uplink", addresses: ["203.0.113.80/24"] }],
      names: { "www.example.com": "203.0.113.80" },
      servers: [{ protocol: "http", port: 80, says: "Welcome to the Internet." }],
    },
  ],
  probes: [
    {
      title: { en: "The laptop asks for a page", zh: "笔记本请求一个网页" },
      from: "laptop",
      kind: "http",
      target: "http://www.example.com",
      look: {
        en: "At the router's POSTROUTING the source address changes; on the way back the old one returns.",
        zh: "在路由器的 POSTROUTING 处源地址变了；返程时又变了回来。",
      },
      expect: {
        outcome: "answered",
        says: "Welcome to the Internet.",
        passes: ["laptop/eth0 src host 192.168.1.10", "internet/eth0 src host 203.0.113.2 and tcp"],
        avoids: ["internet/eth0 host 192.168.1.10", "laptop/eth0 arp host 203.0.113.80"],
      },
    },
    {
      title: { en: "What the router remembers", zh: "路由器记住了什么" },
      from: "router",
      kind: "shell",
      target: "conntrack -L -p tcp",
      look: {
        en: "Two lines in one: the laptop's address there, the router's own on the way back.",
        zh: "一个条目两个方向：去程是笔记本的地址，返程是路由器自己的地址。",
      },
      expect: { outcome: "answered", says: "dst=203.0.113.2" },
    },
    {
      title: { en: "Hop by hop", zh: "一跳一跳地走" },
      from: "laptop",
      kind: "traceroute",
      target: "203.0.113.80",
      look: {
        en: "Packets that may live for one hop, then for two: who drops them reports.",
        zh: "先发只能活一跳的包，再发能活两跳的：谁丢弃了它，谁就报告。",
      },
      expect: { outcome: "answered", says: "192.168.1.1" },
    },
    {
      title: { en: "The Internet calls the laptop", zh: "互联网主动呼叫笔记本" },
      from: "internet",
      kind: "ping",
      target: "192.168.1.10",
      look: {
        en: "No packet leaves: the Internet has no route to a private address.",
        zh: "一个包也发不出去：互联网上没有到私有地址的路由。",
      },
      expect: { outcome: "unreachable", avoids: ["laptop/eth0 icmp"] },
    },
  ],
});
