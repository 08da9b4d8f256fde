import type { MachineInput } from "../underlay.ts";
import { scenario } from "./parts.ts";

const NODES = [
  { name: "node1", lan: "192.168.1.129", docker0: "10.1.10" },
  { name: "node2", lan: "192.168.1.130", docker0: "10.1.20" },
  { name: "node3", lan: "192.168.1.131", docker0: "10.1.30" },
];

const machines = NODES.map(({ name, lan, docker0 }, i): MachineInput => {
  const others = NODES.filter((other) => other.name !== name);
  const route = (other: (typeof NODES)[number]): string =>
    `route add -net ${other.docker0}.0 netmask 255.255.255.0 gw ${other.lan}\n`;
  return {
    name,
    role: "docker",
    forwards: true,
    interfaces: [{ on: "lan", addresses: [`${lan}/24`] }],
    docker: { version: "20.10", bip: `${docker0}.1/24`, ipMasq: false },
    script: `${others.map(route).join("")}docker run -d --name web${i + 1} nginx\n`,
  };
});

export default scenario("static-routes", {
  text: {
    en: "How Kubernetes began: every node's docker0 has a range of its own, and every node has a static route to the others'. So a node is a router, and a container's address can be reached from everywhere without port mapping. Two conditions that are easily forgotten: Docker must not masquerade (--ip-masq=false), else the source is rewritten, and since version 28 it would drop such packets, so these hosts run 20.10. On the wire the destination is the container's address; 192.168.1.131 is only the next hop, it stands nowhere in the IP header.",
    zh: "Kubernetes 最初的样子：每个节点的 docker0 有自己的网段，每个节点都有通往其他网段的静态路由。于是节点就是路由器，容器地址处处可达，不需要端口映射。有两个容易忘记的条件：Docker 不能做地址伪装（--ip-masq=false），否则源地址会被改写；而且从 28 版起 Docker 会丢弃这样的包，所以这里的主机运行 20.10。在物理网线上，目的地址是容器的地址；192.168.1.131 只是下一跳，并不出现在 IP 头里。",
  },
  underlay: { switches: [{ name: "lan" }] },
  machines,
  probes: [
    {
      title: { en: "From node1's container to node3's", zh: "从 node1 的容器到 node3 的容器" },
      from: "node1.web1",
      kind: "ping",
      target: "10.1.30.2",
      look: {
        en: "eth0 of node1: the packet is for 10.1.30.2, the frame for node3.",
        zh: "看 node1 的 eth0：数据包发往 10.1.30.2，帧发往 node3。",
      },
      expect: {
        outcome: "answered",
        passes: [
          "node1/docker0 icmp",
          "node1/eth0 src host 10.1.10.2 and dst host 10.1.30.2",
          "node3/eth0 icmp",
          "node3/docker0 icmp",
          "node3.web3/eth0 src host 10.1.10.2",
        ],
        avoids: ["node1/eth0 icmp and host 192.168.1.131"],
      },
    },
    {
      title: { en: "HTTP to node2's container", zh: "HTTP 访问 node2 的容器" },
      from: "node1.web1",
      kind: "http",
      target: "http://10.1.20.2",
      look: {
        en: "The server sees 10.1.10.2: no port mapping, no NAT.",
        zh: "服务器看到的来源是 10.1.10.2：没有端口映射，也没有 NAT。",
      },
      expect: { outcome: "answered", passes: ["node2.web2/eth0 src host 10.1.10.2 and tcp"] },
    },
    {
      title: { en: "The routes of node1", zh: "node1 的路由表" },
      from: "node1",
      kind: "shell",
      target: "route -n",
      look: {
        en: "One line for each other node's docker0, with that node as the gateway.",
        zh: "其他每个节点的 docker0 网段各一行，网关就是那个节点。",
      },
      expect: { outcome: "answered", says: "192.168.1.131" },
    },
    {
      title: { en: "Hop by hop", zh: "一跳一跳地走" },
      from: "node1.web1",
      kind: "traceroute",
      target: "10.1.30.2",
      look: { en: "Two routers on the way: node1 and node3.", zh: "路上有两台路由器：node1 和 node3。" },
      expect: { outcome: "answered", says: "192.168.1.131" },
    },
  ],
});
