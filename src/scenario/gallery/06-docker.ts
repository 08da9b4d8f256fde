import { scenario } from "./parts.ts";

export default scenario("docker", {
  text: {
    en: "Docker gives every container an address of 172.17.0.0/16 on the bridge docker0, with 172.17.0.1 as the gateway (before Docker 1.9 it was 172.17.42.1). The network outside knows nothing of it: what a container sends leaves under the host's address (MASQUERADE), and what shall come in needs a published port (DNAT). Since Docker 28 a packet that is simply routed to a container's address from outside is dropped in the raw table before anything else is asked.",
    zh: "Docker 给每个容器分配 172.17.0.0/16 中的一个地址，接在网桥 docker0 上，网关是 172.17.0.1（Docker 1.9 以前是 172.17.42.1）。外面的网络对此一无所知：容器发出的包以宿主机的地址离开（MASQUERADE），要让外面进来就得发布端口（DNAT）。从 Docker 28 起，从外面直接路由到容器地址的包在 raw 表里就被丢弃，别的规则根本轮不到。",
  },
  underlay: { switches: [{ name: "lan" }] },
  machines: [
    {
      name: "docker-host",
      role: "docker",
      interfaces: [{ on: "lan", addresses: ["192.168.1.10/24"] }],
      docker: { version: "29" },
      script:
        "docker run -d --name web -p 8080:80 nginx\ndocker run -d --name app nicolaka/netshoot sleep infinity\n",
    },
    {
      name: "client",
      role: "client",
      interfaces: [{ on: "lan", addresses: ["192.168.1.20/24"] }],
      routes: [{ to: "172.17.0.0/16", via: "192.168.1.10" }],
      servers: [{ protocol: "http", port: 80, says: "hello from 192.168.1.20" }],
    },
  ],
  probes: [
    {
      title: { en: "A container asks out", zh: "容器访问外面" },
      from: "docker-host.app",
      kind: "http",
      target: "http://192.168.1.20",
      look: {
        en: "192.168.1.20 sees the host's address, not the container's.",
        zh: "对方看到的是宿主机的地址，而不是容器的。",
      },
      expect: {
        outcome: "answered",
        passes: ["docker-host/docker0 src net 172.17.0.0/16", "client/eth0 src host 192.168.1.10 and tcp"],
        avoids: ["client/eth0 net 172.17.0.0/16"],
      },
    },
    {
      title: { en: "One container to another", zh: "容器到容器" },
      from: "docker-host.app",
      kind: "ping",
      target: "{docker-host.web}",
      look: {
        en: "The bridge passes it on; the host's eth0 sees nothing.",
        zh: "网桥直接转发，宿主机的 eth0 什么也看不到。",
      },
      expect: { outcome: "answered", avoids: ["docker-host/eth0 icmp"] },
    },
    {
      title: { en: "In by the published port", zh: "从发布的端口进来" },
      from: "client",
      kind: "http",
      target: "http://192.168.1.10:8080",
      look: { en: "DNAT in the chain DOCKER of the nat table.", zh: "nat 表的 DOCKER 链里的 DNAT。" },
      expect: {
        outcome: "answered",
        passes: [
          "docker-host/eth0 dst host 192.168.1.10 and tcp port 8080",
          "docker-host.web/eth0 dst net 172.17.0.0/16 and tcp port 80",
        ],
      },
    },
    {
      title: { en: "Routed straight to the container", zh: "直接路由到容器地址" },
      from: "client",
      kind: "ping",
      target: "{docker-host.web}",
      look: { en: "DROP in the raw table, since Docker 28.", zh: "raw 表里的 DROP，从 Docker 28 开始。" },
      expect: {
        outcome: "timed-out",
        passes: ["docker-host/eth0 icmp"],
        avoids: ["docker-host/docker0 icmp"],
      },
    },
    {
      title: { en: "The rules that Docker wrote", zh: "Docker 写下的规则" },
      from: "docker-host",
      kind: "shell",
      target: "docker ps; docker port web; iptables -t nat -S",
      look: {
        en: "One MASQUERADE for what goes out, one DNAT for the published port.",
        zh: "出去的一条 MASQUERADE，发布的端口一条 DNAT。",
      },
      expect: { outcome: "answered", says: "-j MASQUERADE" },
    },
  ],
});
