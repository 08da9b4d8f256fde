import { scenario } from "./parts.ts";

const MASTERS = [
  { name: "master1", address: "192.168.3.29" },
  { name: "master2", address: "192.168.3.30" },
  { name: "master3", address: "192.168.3.31" },
];
const NODES = [
  { name: "node1", address: "192.168.3.27" },
  { name: "node2", address: "192.168.3.32" },
  { name: "node3", address: "192.168.3.28" },
];

export default scenario("ha-control-plane", {
  text: {
    en: "Three masters, three nodes, and one address that everybody has in the kubeconfig: 192.168.3.33:6443, a balancer. It joins every TCP connection to the next master in turn and asks each of them every two seconds whether it is there. Stop a master's apiserver: at first a connection may come to it and is passed on to the next, then the balancer leaves it out; nobody has to change an address. What stands on the masters here is only what a balancer sees of an apiserver: a port 6443 that answers with the master's name. TLS, etcd's quorum and the leases of the schedulers are not modelled.",
    zh: "三个 master，三个节点，以及写在每个人 kubeconfig 里的一个地址：192.168.3.33:6443，一台负载均衡器。它把每条 TCP 连接轮流接到下一个 master 上，并且每两秒问一次每个 master 还在不在。停掉一个 master 的 apiserver：起初可能还有连接分给它，随即转给下一个；之后负载均衡器就把它排除在外，谁也不用改地址。这里的 master 上只有负载均衡器能看到的那一部分：一个会报出自己名字的 6443 端口。TLS、etcd 的法定人数和调度器的租约没有建模。",
  },
  underlay: { switches: [{ name: "lan" }] },
  machines: [
    {
      name: "balancer",
      role: "balancer",
      interfaces: [{ on: "lan", addresses: ["192.168.3.33/24"] }],
      balances: [{ port: 6443, to: MASTERS.map(({ address }) => ({ address, port: 6443 })) }],
    },
    ...MASTERS.map(({ name, address }) => ({
      name,
      role: "linux" as const,
      interfaces: [{ on: "lan", addresses: [`${address}/24`] }],
      servers: [{ protocol: "http" as const, port: 6443, says: `ok (${name})` }],
    })),
    ...NODES.map(({ name, address }) => ({
      name,
      role: "linux" as const,
      interfaces: [{ on: "lan", addresses: [`${address}/24`] }],
    })),
  ],
  probes: [
    {
      title: { en: "node1 asks the one address", zh: "node1 访问那个唯一的地址" },
      from: "node1",
      kind: "http",
      target: "http://192.168.3.33:6443/healthz",
      look: {
        en: "Two connections: node1 to the balancer, the balancer to a master.",
        zh: "两条连接：node1 到负载均衡器，负载均衡器到某个 master。",
      },
      expect: {
        outcome: "answered",
        says: "ok (master",
        passes: [
          "balancer/eth0 src host 192.168.3.27 and tcp port 6443",
          "balancer/eth0 src host 192.168.3.33 and tcp dst port 6443",
        ],
      },
    },
    {
      title: { en: "Three times: every master in turn", zh: "问三次：master 轮流回答" },
      from: "node2",
      kind: "shell",
      target: "for i in 1 2 3; do curl -sS -m 5 http://192.168.3.33:6443/healthz; done | sort",
      expect: { outcome: "answered", says: "ok (master1)\nok (master2)\nok (master3)" },
    },
    {
      title: { en: "The apiserver of master1 stops", zh: "master1 的 apiserver 停了" },
      from: "master1",
      kind: "shell",
      target: "pkill http-server; sleep 8; curl -sS -m 2 http://192.168.3.29:6443 || echo gone",
      expect: { outcome: "answered", says: "gone" },
    },
    {
      title: { en: "Six times: nobody notices", zh: "再问六次：无人察觉" },
      from: "node1",
      kind: "shell",
      target: "for i in 1 2 3 4 5 6; do curl -sS -m 5 http://192.168.3.33:6443/healthz; done | sort -u",
      expect: { outcome: "answered", says: "ok (master2)\nok (master3)" },
    },
    {
      title: { en: "master2's cable is pulled too", zh: "master2 的网线也被拔了" },
      from: "",
      kind: "shell",
      target:
        "ssh master2 ip link set eth0 down; sleep 20; ssh node3 curl -sS -m 10 http://192.168.3.33:6443/healthz",
      expect: { outcome: "answered", says: "ok (master3)" },
    },
  ],
});
