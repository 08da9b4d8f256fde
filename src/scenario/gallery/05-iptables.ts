import { scenario } from "./parts.ts";

const RULES = `# raw: before anything is remembered. mangle: marks. nat: first packet of a connection. filter: may it pass?
iptables -t raw -A PREROUTING -i eth0 -p icmp -j ACCEPT
iptables -t mangle -A PREROUTING -i eth0 -p tcp --dport 8080 -j MARK --set-mark 0x8
iptables -t nat -A PREROUTING -i eth0 -p tcp --dport 8080 -j DNAT --to-destination 10.2.0.80:80
iptables -N WEB
iptables -A WEB -p tcp --dport 80 -j ACCEPT
iptables -A WEB -j RETURN
iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
iptables -A FORWARD -i eth0 -j WEB
iptables -A FORWARD -p tcp --dport 22 -j REJECT
iptables -A FORWARD -p tcp --dport 23 -j DROP
iptables -A INPUT -p tcp --dport 9090 -j REJECT --reject-with tcp-reset
`;

export default scenario("iptables", {
  text: {
    en: "Five places on a packet's way through the kernel where one may look in: PREROUTING, INPUT, FORWARD, OUTPUT, POSTROUTING. At each of them tables are asked in a fixed order (raw, mangle, nat, filter), in each table a chain, in each chain the rules from top to bottom. ACCEPT, DROP and REJECT end it, MARK goes on, a jump into a chain of one's own comes back by RETURN. The gate in the middle leads port 8080 to the server behind it, passes port 80, says no to port 22, and lets port 23 vanish.",
    zh: "数据包穿过内核的路上有五个可以插手的地方：PREROUTING、INPUT、FORWARD、OUTPUT、POSTROUTING。在每一处，各张表按固定次序被查询（raw、mangle、nat、filter），每张表里是链，链里的规则从上到下匹配。ACCEPT、DROP、REJECT 到此为止，MARK 之后继续往下，跳进自定义链后由 RETURN 返回。中间的 gate 把 8080 端口引到后面的服务器，放行 80 端口，对 22 端口明确拒绝，让 23 端口的包无声消失。",
  },
  underlay: { cables: [{ name: "front" }, { name: "back" }] },
  machines: [
    {
      name: "client",
      role: "client",
      interfaces: [{ on: "front", addresses: ["10.1.0.10/24"] }],
      routes: [{ to: "default", via: "10.1.0.1" }],
    },
    {
      name: "gate",
      role: "router",
      interfaces: [
        { on: "front", addresses: ["10.1.0.1/24"] },
        { name: "eth1", on: "back", addresses: ["10.2.0.1/24"] },
      ],
      script: RULES,
    },
    {
      name: "server",
      role: "linux",
      interfaces: [{ on: "back", addresses: ["10.2.0.80/24"] }],
      routes: [{ to: "default", via: "10.2.0.1" }],
      servers: [
        { protocol: "http", port: 80, says: "the server behind the gate" },
        { protocol: "tcp", port: 22, says: "SSH-2.0-server" },
        { protocol: "tcp", port: 23, says: "login:" },
      ],
    },
  ],
  probes: [
    {
      title: { en: "Port 8080 of the gate: DNAT", zh: "gate 的 8080 端口：DNAT" },
      from: "client",
      kind: "http",
      target: "http://10.1.0.1:8080",
      look: {
        en: "PREROUTING rewrites the destination before routing decides.",
        zh: "PREROUTING 在路由决策之前改写目的地址。",
      },
      expect: {
        outcome: "answered",
        says: "the server behind the gate",
        passes: [
          "gate/eth0 dst host 10.1.0.1 and tcp port 8080",
          "server/eth0 dst host 10.2.0.80 and tcp port 80",
        ],
        avoids: ["client/eth0 host 10.2.0.80"],
      },
    },
    {
      title: { en: "Port 80 of the server: ACCEPT", zh: "服务器的 80 端口：ACCEPT" },
      from: "client",
      kind: "http",
      target: "http://10.2.0.80",
      look: {
        en: "FORWARD leads into the chain WEB, and its first rule lets the packet pass.",
        zh: "FORWARD 跳进 WEB 链，第一条规则就放行。",
      },
      expect: { outcome: "answered" },
    },
    {
      title: { en: "Port 22: REJECT says so", zh: "22 端口：REJECT 会告诉你" },
      from: "client",
      kind: "tcp",
      target: "10.2.0.80",
      port: 22,
      look: {
        en: "WEB comes back by RETURN; the next rule refuses and answers by ICMP.",
        zh: "WEB 以 RETURN 返回；下一条规则拒绝，并用 ICMP 回答。",
      },
      expect: { outcome: "refused", passes: ["client/eth0 icmp"], avoids: ["server/eth0 tcp port 22"] },
    },
    {
      title: { en: "Port 23: DROP says nothing", zh: "23 端口：DROP 一声不吭" },
      from: "client",
      kind: "tcp",
      target: "10.2.0.80",
      port: 23,
      look: { en: "The client asks three times and gives up.", zh: "客户端问了三次才放弃。" },
      expect: {
        outcome: "timed-out",
        passes: ["gate/eth0 tcp port 23"],
        avoids: ["server/eth0 tcp port 23"],
      },
    },
    {
      title: { en: "Port 9090 of the gate itself: INPUT", zh: "gate 自己的 9090 端口：INPUT" },
      from: "client",
      kind: "tcp",
      target: "10.1.0.1",
      port: 9090,
      look: {
        en: "For the gate itself: INPUT, not FORWARD; refused by a TCP RST.",
        zh: "发给 gate 自己：走 INPUT 而不是 FORWARD；以 TCP RST 拒绝。",
      },
      expect: { outcome: "refused" },
    },
    {
      title: { en: "What was counted", zh: "看看计数器" },
      from: "gate",
      kind: "shell",
      target: "iptables -t nat -L -n -v; iptables -L FORWARD -n -v",
      look: {
        en: "Of nat only the first packet of each connection was counted.",
        zh: "nat 表只数每条连接的第一个包。",
      },
      expect: { outcome: "answered", says: "DNAT" },
    },
  ],
});
