import { beforeAll, describe, expect, it } from "vitest";
import { format, loadLateWords } from "../../app/i18n/text.ts";
import { outcomeIn, type Outcome } from "../../app/model/outcome.ts";
import { loadUserland } from "../../lab/programs.ts";
import {
  PASTED_NODE,
  type PastedNode,
  type PastedPacket,
  pastedWorld,
  sortTexts,
} from "../../scenario/paste.ts";
import { firstLight } from "../../scenario/first-light.ts";
import { must } from "../../base/result.ts";
import { Board } from "./board.ts";

beforeAll(loadUserland);
beforeAll(loadLateWords);

const NONE: PastedNode = {
  iptables: "",
  ip6tables: "",
  nft: "",
  ipset: "",
  ipvs: "",
  addr: "",
  route: "",
  rule: "",
  sysctl: "",
};
const TCP = { protocol: "tcp", sport: 40000, dport: 80 } as const;

/** What the page does with a pasted node: a world of it, the packet sent, its way through the node. */
function ask(
  node: PastedNode,
  packet: PastedPacket,
): { readonly outcome: Outcome; readonly lines: readonly number[] } {
  const made = pastedWorld(node, packet);
  const board = new Board(made.scenario);
  const story = must(board.sendFrom(made.sender, made.command), "a packet");
  const netns = must(board.netnsOf(PASTED_NODE), "node");
  board.world.moveToEnd();
  return {
    outcome: outcomeIn(story, netns, board.world, board.cast),
    lines: made.omitted.map(({ line }) => line),
  };
}

const words = ({ said }: Outcome): string =>
  said.map(({ key, values }) => format("en", key, values)).join(" ");

const ADDR = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN
    inet 127.0.0.1/8 scope host lo
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP
    link/ether 52:54:00:12:34:56 brd ff:ff:ff:ff:ff:ff
    inet 192.168.1.10/24 brd 192.168.1.255 scope global eth0
3: docker0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP
    link/ether 02:42:5c:11:22:33 brd ff:ff:ff:ff:ff:ff
    inet 172.17.0.1/16 brd 172.17.255.255 scope global docker0
5: veth1a2b3c4@if4: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master docker0 state UP
    link/ether 9a:5b:11:22:33:44 brd ff:ff:ff:ff:ff:ff
`;
const ROUTE = `default via 192.168.1.1 dev eth0
172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1
192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.10
`;
/** As Docker 24 saves them with `docker run -p 8080:80 nginx`. */
const DOCKER = `*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A POSTROUTING -s 172.17.0.2/32 -d 172.17.0.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER-USER -j RETURN
COMMIT
`;
const docker: PastedNode = { ...NONE, iptables: DOCKER, addr: ADDR, route: ROUTE };
const fromOutside = { inDevice: "eth0", src: "192.168.1.77" };

describe("a Docker host", () => {
  it("a published port: translated, accepted, out to docker0", () => {
    const { outcome, lines } = ask(docker, { ...fromOutside, dst: "192.168.1.10", ...TCP, dport: 8080 });
    expect(lines).toEqual([]);
    expect(outcome.verdict).toBe("passed");
    expect(words(outcome)).toMatch(/leaves the node by .*docker0?.* to 172\.17\.0\.2:80/);
    expect(words(outcome)).toContain("it came as 192.168.1.77:40000 → 192.168.1.10:8080");
    const met = outcome.rules.map(({ chain, number }) => `${chain} ${number}`);
    expect(met).toEqual(expect.arrayContaining(["PREROUTING 1", "DOCKER 2", "FORWARD 3", "DOCKER 1"]));
    expect(outcome.commands.some((command) => command.startsWith("conntrack -L"))).toBe(true);
  });

  it("a container's own port is not open to others: the policy of FORWARD", () => {
    const { outcome } = ask(docker, { ...fromOutside, dst: "172.17.0.2", ...TCP, dport: 22 });
    expect(outcome.verdict).toBe("dropped");
    expect(words(outcome)).toContain("the policy of FORWARD in the table filter is DROP");
  });

  it("to the host itself, and from the host itself", () => {
    expect(ask(docker, { ...fromOutside, dst: "192.168.1.10", ...TCP, dport: 22 }).outcome.verdict).toBe(
      "taken",
    );
    const own = ask(docker, {
      inDevice: "",
      src: "",
      dst: "8.8.8.8",
      protocol: "icmp",
      sport: undefined,
      dport: undefined,
    });
    expect(words(own.outcome)).toMatch(/leaves the node by eth0/);
  });

  it("what cannot be read is named by its line, and the rest still stands", () => {
    const broken = DOCKER.replace("-A FORWARD -j DOCKER-USER", "-A FORWARD -j DOCKER-USER --what 1").replace(
      "-A DOCKER-USER -j RETURN",
      "-A DOCKER-USER -m set --match-set blocked src -j DROP",
    );
    const { outcome, lines } = ask(
      { ...docker, iptables: broken },
      { ...fromOutside, dst: "192.168.1.10", ...TCP, dport: 8080 },
    );
    expect([...lines].sort((a, b) => a - b)).toEqual([20, 26]);
    expect(outcome.verdict).toBe("passed");
  });
});

it("a node of a cluster, pasted: the same packet meets the same rules there", () => {
  const cluster = new Board();
  const print = (command: string): string => cluster.print("kind-worker", command);
  const node = sortTexts(
    ["iptables-save", "ip addr", "ip route", "ip rule", "sysctl net.ipv4.ip_forward"].map(print).join("\n"),
  );
  const service = must(
    /-d (10\.96\.\S+)\/32 -p tcp -m comment --comment "default\/frontend/.exec(node.iptables)?.[1],
    "Service",
  );
  const { outcome, lines } = ask(node, { inDevice: "cni0", src: "10.244.1.99", dst: service, ...TCP });
  expect(lines).toEqual([]);
  expect(outcome.verdict).toBe("passed");
  const chains = outcome.rules.map(({ chain }) => chain.replace(/-[A-Z0-9]{16}$/, ""));
  expect(chains).toEqual(expect.arrayContaining(["KUBE-SERVICES", "KUBE-SVC", "KUBE-SEP"]));
  expect(outcome.rules.find(({ deed }) => deed === "dnat")?.service).toBe("default/frontend");
});

it("a thousand rules: the one that drops is found", () => {
  const rules = Array.from(
    { length: 1000 },
    (_, i) => `-A FORWARD -s 10.${i >> 8}.${i & 255}.0/24 -p tcp -m tcp --dport 443 -j DROP`,
  );
  const iptables = `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${rules.join("\n")}\nCOMMIT\n`;
  const packet = { inDevice: "eth0", src: "10.3.99.7", dst: "172.17.0.2", ...TCP, dport: 443 };
  const { outcome } = ask({ ...docker, iptables }, packet);
  expect(outcome.verdict).toBe("dropped");
  expect(words(outcome)).toContain("number 868 of its chain");
});

const NFT = `table inet fw {
	set blocked {
		type ipv4_addr
		elements = { 192.168.1.66, 192.168.1.67 }
	}

	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		ip saddr @blocked counter packets 3 bytes 180 drop
		iifname "eth0" oifname "docker0" tcp dport 80 accept
		xt target "LOG"
	}
}
table ip nat {
	chain prerouting {
		type nat hook prerouting priority dstnat; policy accept;
		tcp dport 8080 dnat to 172.17.0.2:80
	}
}
table bridge odd {
	chain x {
		meta mark 1 accept
	}
}
`;

describe("a node that has nftables alone", () => {
  const node = sortTexts([NFT, ADDR, ROUTE].join("\n"));

  it("is read from `nft list ruleset`; what cannot be read is named by its line", () => {
    const made = pastedWorld(node, { ...fromOutside, dst: "192.168.1.10", ...TCP, dport: 8080 });
    expect(made.omitted.map(({ source, line, text }) => `${source} ${line}: ${text}`)).toEqual([
      'nft 12: xt target "LOG"',
      "nft 21: table bridge odd {",
    ]);
  });

  it("does not take twice what iptables-save has told already", () => {
    const managed = `# Warning: table ip filter is managed by iptables-nft, do not touch!
table ip filter {
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
		counter packets 0 bytes 0 drop
	}
}
`;
    const twice = sortTexts([DOCKER, managed, ADDR, ROUTE].join("\n"));
    const packet = { ...fromOutside, dst: "192.168.1.10", ...TCP, dport: 8080 };
    expect(ask(twice, packet).outcome.verdict).toBe("passed");
    expect(ask({ ...twice, iptables: "" }, { ...packet, dst: "172.17.0.2" }).outcome.verdict).toBe("dropped");
  });

  it("translates, and accepts what its rules accept", () => {
    const { outcome } = ask(node, { ...fromOutside, dst: "192.168.1.10", ...TCP, dport: 8080 });
    expect(outcome.verdict).toBe("passed");
    expect(words(outcome)).toMatch(/to 172\.17\.0\.2:80/);
    expect(outcome.rules.map(({ text }) => text).join("\n")).toContain("dnat to 172.17.0.2:80");
  });

  it("drops who is in the set, by that rule; and others by the policy", () => {
    const blocked = ask(node, {
      inDevice: "eth0",
      src: "192.168.1.66",
      dst: "192.168.1.10",
      ...TCP,
      dport: 8080,
    });
    expect(blocked.outcome.verdict).toBe("dropped");
    expect(words(blocked.outcome)).toContain("@blocked");
    expect(ask(node, { ...fromOutside, dst: "172.17.0.2", ...TCP, dport: 22 }).outcome.verdict).toBe(
      "dropped",
    );
  });
});

it("ip6tables' rules are not mixed with those of IPv4, which are asked alone", () => {
  const six = `# Generated by ip6tables-save v1.8.9 on Mon Jan  1 00:00:00 2024
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
-A FORWARD -s fd00::/8 -j ACCEPT
-A FORWARD -j DROP
COMMIT
`;
  const both = sortTexts([six, DOCKER, ADDR, ROUTE].join("\n"));
  const { outcome, lines } = ask(both, { ...fromOutside, dst: "192.168.1.10", ...TCP, dport: 8080 });
  expect(outcome.verdict).toBe("passed");
  expect(lines).toEqual([]);
  expect(pastedWorld(both, { ...fromOutside, dst: "192.168.1.10", ...TCP }).otherRules).toBe(2);
  // Without its heading it is known by its addresses.
  const bare = sortTexts([DOCKER, six.split("\n").slice(1).join("\n"), ADDR, ROUTE].join("\n"));
  expect(bare.ip6tables).toContain("-A FORWARD -j DROP");
  expect(bare.iptables).not.toContain("fd00::");
});

it("routes with several next hops, and of several tables, by the rules that choose among them", () => {
  const addr = `${ADDR}6: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP
    inet 10.9.0.2/24 scope global eth1
`;
  const route = `default proto static metric 100 
\tnexthop via 192.168.1.1 dev eth0 weight 1 
\tnexthop via 10.9.0.1 dev eth1 weight 1 
default via 10.9.0.1 dev eth1 table 100
172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1
192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.10
10.9.0.0/24 dev eth1 proto kernel scope link src 10.9.0.2
`;
  const rule = `0:\tfrom all lookup local
100:\tfrom 172.17.0.9 lookup 100
32766:\tfrom all lookup main
32767:\tfrom all lookup default
`;
  const node = sortTexts([addr, route, rule].join("\n"));
  const out = (src: string, dst: string): string => {
    const { outcome, lines } = ask(node, { inDevice: "docker0", src, dst, ...TCP });
    expect(lines).toEqual([]);
    return /leaves the node by (\S+),/.exec(words(outcome))?.[1] ?? words(outcome);
  };
  expect(out("172.17.0.9", "8.8.8.8")).toBe("eth1");
  const ways = new Set(
    ["1.1.1.1", "8.8.8.8", "9.9.9.9", "4.4.4.4", "7.7.7.7", "3.3.3.3"].map((to) => out("172.17.0.2", to)),
  );
  expect(ways).toEqual(new Set(["eth0", "eth1"]));
});

describe("a node whose Services are IPVS's", () => {
  const texts = (ipvs: string): string => {
    const cluster = new Board({
      ...firstLight,
      cluster: (firstLight.cluster ?? "").replace("networking:", "networking:\n  kubeProxyMode: ipvs"),
    });
    const print = (command: string): string => cluster.print("kind-worker", command);
    return ["iptables-save", "ipset save", "ip addr", "ip route", "sysctl net.ipv4.ip_forward", ipvs]
      .map(print)
      .join("\n");
  };
  const packet = { inDevice: "cni0", src: "10.244.1.99", dst: "10.96.0.10", ...TCP, dport: 53 };

  it.each(["ipvsadm -Sn", "ipvsadm -Ln"])("is asked with what %s prints", (command) => {
    const node = sortTexts(texts(command));
    const { outcome, lines } = ask(node, packet);
    expect(lines).toEqual([]);
    expect(words(outcome)).toMatch(/goes as 10\.244\.1\.99:40000 → 10\.244\.\d+\.\d+:53/);
    expect(pastedWorld(node, packet).lacksIpvs).toBe(false);
  });

  it("says when that is missing", () => {
    expect(pastedWorld(sortTexts(texts("true")), packet).lacksIpvs).toBe(true);
  });
});
