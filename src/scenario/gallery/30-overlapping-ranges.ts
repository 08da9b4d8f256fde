import { scenario } from "./parts.ts";

export default scenario("overlapping-ranges", {
  text: {
    en: "The office network is 172.17.0.0/16, and so is Docker's docker0 on host-a. To the host and to its containers everything in 172.17.0.0/16 is on that bridge: they ask there by ARP for 172.17.5.9, and nobody answers. host-b was told to use another range (bip 10.200.0.1/24), and all is well. The same happens with a Service range of 172.17.x (as in many a tutorial), with pods that overlap the nodes' network, and with a VPN that chose what you chose. Ranges for pods, Services and nodes must not overlap each other, nor anything that is routed.",
    zh: "办公网是 172.17.0.0/16，而 host-a 上 Docker 的 docker0 也是。对主机和容器来说，172.17.0.0/16 里的一切都在这个网桥上：它们在那里用 ARP 询问 172.17.5.9，没有人回答。host-b 换了一个网段（bip 10.200.0.1/24），一切正常。把 Service 网段设成 172.17.x（不少教程就是这样）、Pod 网段与节点网络重叠、VPN 恰好选了同样的网段，都会出同样的问题。Pod、Service、节点三个网段不能互相重叠，也不能与任何会被路由的网段重叠。",
  },
  underlay: { switches: [{ name: "lan" }], cables: [{ name: "office-line" }] },
  machines: [
    {
      name: "router",
      role: "router",
      interfaces: [
        { on: "lan", addresses: ["192.168.1.1/24"] },
        { name: "eth1", on: "office-line", addresses: ["172.17.5.1/24"] },
      ],
    },
    {
      name: "office-server",
      role: "linux",
      interfaces: [{ on: "office-line", addresses: ["172.17.5.9/24"] }],
      routes: [{ to: "default", via: "172.17.5.1" }],
      servers: [{ protocol: "http", port: 80, says: "the office's wiki" }],
    },
    {
      name: "host-a",
      role: "docker",
      interfaces: [{ on: "lan", addresses: ["192.168.1.11/24"] }],
      routes: [{ to: "default", via: "192.168.1.1" }],
      docker: { version: "29", bip: "172.17.0.1/16" },
      script: "docker run -d --name app nicolaka/netshoot sleep infinity\n",
    },
    {
      name: "host-b",
      role: "docker",
      interfaces: [{ on: "lan", addresses: ["192.168.1.12/24"] }],
      routes: [{ to: "default", via: "192.168.1.1" }],
      docker: { version: "29", bip: "10.200.0.1/24" },
      script: "docker run -d --name app nicolaka/netshoot sleep infinity\n",
    },
  ],
  probes: [
    {
      title: { en: "host-a's container opens the wiki", zh: "host-a 的容器打开 wiki" },
      from: "host-a.app",
      kind: "http",
      target: "http://172.17.5.9",
      look: { en: "Questions on docker0, nothing on eth0.", zh: "docker0 上有提问，eth0 上什么也没有。" },
      expect: {
        outcome: "unreachable",
        passes: ["host-a/docker0 arp host 172.17.5.9"],
        avoids: ["host-a/eth0 host 172.17.5.9"],
      },
    },
    {
      title: { en: "host-b's container opens the wiki", zh: "host-b 的容器打开 wiki" },
      from: "host-b.app",
      kind: "http",
      target: "http://172.17.5.9",
      expect: {
        outcome: "answered",
        says: "the office's wiki",
        passes: [
          "host-b/eth0 src host 192.168.1.12 and dst host 172.17.5.9",
          "office-server/eth0 tcp port 80",
        ],
      },
    },
    {
      title: { en: "Where host-a would send it", zh: "host-a 会把它发往哪里" },
      from: "host-a",
      kind: "shell",
      target: "ip route get 172.17.5.9",
      expect: { outcome: "answered", says: "172.17.5.9 dev docker0" },
    },
    {
      title: { en: "A more specific route saves the host, not the container", zh: "更精确的路由救得了主机" },
      from: "host-a",
      kind: "shell",
      target: "ip route add 172.17.5.0/24 via 192.168.1.1; curl -sS -m 5 http://172.17.5.9",
      expect: { outcome: "answered", says: "the office's wiki" },
    },
    {
      title: { en: "The container asks again", zh: "容器再试一次" },
      from: "host-a.app",
      kind: "http",
      target: "http://172.17.5.9",
      look: {
        en: "The container's own route has not changed: it still asks on its bridge.",
        zh: "容器自己的路由没有变：它仍然在自己的网桥上询问。",
      },
      expect: { outcome: "unreachable", avoids: ["host-a/eth0 tcp"] },
    },
  ],
});
