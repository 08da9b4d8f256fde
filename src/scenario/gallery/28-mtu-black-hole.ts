import { scenario } from "./parts.ts";

/** The black hole as it was, nothing learnt, and an MSS that fits. */
const CLAMP = `ssh router-a iptables -A OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP
ssh office ip route flush cache
ssh router-a iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
ssh office curl -sS -m 5 -d @/root/upload -H Expect: http://10.2.0.80`;

export default scenario("mtu-black-hole", {
  text: {
    en: "Small things arrive, large ones never do, and nothing says why. Between the two routers lies a link with an MTU of 1400. The office sends packets of 1500 bytes that may not be cut (DF is set, as TCP does); router-a cannot pass them on and would have to say so by ICMP (fragmentation needed, MTU 1400). But somebody has blocked ICMP there, and the sender waits. The connection opens, small requests are answered, an upload hangs. Two remedies are prepared: let ICMP through, or have the router write a smaller MSS into the handshake. In a cluster an overlay with a wrong MTU fails in the same way.",
    zh: "小的东西能到，大的永远到不了，而且没有任何提示。两台路由器之间有一段 MTU 1400 的链路。办公室发出 1500 字节且不许分片的包（设了 DF，TCP 就是这样）；router-a 转发不了，本该用 ICMP 报告（需要分片，MTU 1400）。但是有人在那里屏蔽了 ICMP，发送者只能干等。连接能建立，小请求有应答，上传却卡住。准备了两种补救：放行 ICMP，或者让路由器在握手时把 MSS 改小。集群里的覆盖网络 MTU 配错，症状一模一样。",
  },
  underlay: { cables: [{ name: "office-lan" }, { name: "narrow", mtu: 1400 }, { name: "server-lan" }] },
  machines: [
    {
      name: "office",
      role: "client",
      interfaces: [{ on: "office-lan", addresses: ["10.1.0.10/24"] }],
      routes: [{ to: "default", via: "10.1.0.1" }],
      script: "head -c 20000 /dev/zero | tr '\\0' x > /root/upload\n",
    },
    {
      name: "router-a",
      role: "router",
      interfaces: [
        { on: "office-lan", addresses: ["10.1.0.1/24"] },
        { name: "eth1", on: "narrow", addresses: ["10.9.0.1/24"] },
      ],
      routes: [{ to: "10.2.0.0/24", via: "10.9.0.2" }],
      script: "iptables -A OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP\n",
    },
    {
      name: "router-b",
      role: "router",
      interfaces: [
        { on: "narrow", addresses: ["10.9.0.2/24"] },
        { name: "eth1", on: "server-lan", addresses: ["10.2.0.1/24"] },
      ],
      routes: [{ to: "10.1.0.0/24", via: "10.9.0.1" }],
    },
    {
      name: "server",
      role: "linux",
      interfaces: [{ on: "server-lan", addresses: ["10.2.0.80/24"] }],
      routes: [{ to: "default", via: "10.2.0.1" }],
      servers: [{ protocol: "http", port: 80, says: "thank you" }],
    },
  ],
  probes: [
    {
      title: { en: "A small request", zh: "小请求" },
      from: "office",
      kind: "http",
      target: "http://10.2.0.80",
      expect: { outcome: "answered", says: "thank you" },
    },
    {
      title: { en: "A large upload hangs", zh: "大文件上传卡住" },
      from: "office",
      kind: "shell",
      target: "curl -sS -m 5 -d @/root/upload -H 'Expect:' http://10.2.0.80",
      look: {
        en: "The same segment again and again, at router-a it ends.",
        zh: "同一个段一再重发，到 router-a 就没了。",
      },
      expect: {
        outcome: "failed",
        says: "timed out",
        passes: ["router-a/eth0 greater 1500"],
        avoids: ["router-b/eth0 greater 1450", "office/eth0 icmp"],
      },
    },
    {
      title: { en: "A ping of 1500 bytes that may not be cut", zh: "1500 字节、不许分片的 ping" },
      from: "office",
      kind: "shell",
      target: "ping -c1 -W2 -M do -s 1472 10.2.0.80",
      expect: { outcome: "failed", says: "0 received", avoids: ["router-b/eth0 icmp"] },
    },
    {
      title: { en: "Remedy: let ICMP through", zh: "补救：放行 ICMP" },
      from: "",
      kind: "shell",
      target:
        "ssh router-a iptables -D OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP; ssh office curl -sS -m 5 -d @/root/upload -H Expect: http://10.2.0.80",
      look: { en: "The router says 1400, and the sender learns it.", zh: "路由器说 1400，发送者记住了。" },
      expect: {
        outcome: "answered",
        says: "thank you",
        passes: ["office/eth0 icmp", "router-b/eth0 greater 1300"],
      },
    },
    {
      title: { en: "What the office has learnt", zh: "办公室学到了什么" },
      from: "office",
      kind: "shell",
      target: "ip route get 10.2.0.80",
      expect: { outcome: "answered", says: "mtu 1400" },
    },
    {
      title: { en: "Remedy: a smaller MSS", zh: "补救：更小的 MSS" },
      from: "",
      kind: "shell",
      target: CLAMP,
      look: {
        en: "ICMP is blocked again; router-a writes 1360 into the SYN, and nothing too large is ever sent.",
        zh: "ICMP 又被屏蔽；router-a 在 SYN 里写入 1360，从此不会发出过大的包。",
      },
      expect: {
        outcome: "answered",
        says: "thank you",
        passes: ["router-b/eth0 greater 1300"],
        avoids: ["office/eth0 icmp", "office/eth0 greater 1420"],
      },
    },
  ],
});
