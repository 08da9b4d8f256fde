import { beforeAll, describe, expect, it } from "vitest";
import { changesSince } from "../../app/model/changes.ts";
import { entryBreaks } from "../../app/model/breaks.ts";
import { type Break, editCommand } from "../../app/model/entries/entry.ts";
import { sameNow } from "../../app/model/entries/again.ts";
import { undoOf } from "../../app/model/entries/undo.ts";
import { must } from "../../base/result.ts";
import { loadBundled } from "../../lab/bundled.ts";
import { loadUserland } from "../../lab/programs.ts";
import { galleryEntry } from "../../scenario/gallery/index.ts";
import { Board } from "./board.ts";

/** A machine with a little of everything in its tables. */
const MADE = `
sysctl -w net.ipv4.ip_forward=1
ip addr add 192.0.2.1/24 dev eth0
ip route add 203.0.113.0/24 via 192.0.2.9 metric 7 mtu lock 1400
ip route add 203.0.114.0/24 nexthop via 192.0.2.9 weight 1 nexthop via 192.0.2.10 weight 3
ip route add blackhole 203.0.115.0/24 table 100
sysctl -w net.ipv6.conf.eth0.disable_ipv6=0
ip addr add fd00::1/64 dev eth0
ip -6 route add fd01::/48 via fd00::9 dev eth0 metric 50
ip -6 rule add priority 90 from fd00::/64 lookup 100
ip rule add priority 100 not from 192.0.2.0/24 fwmark 0x1/0xff ipproto tcp dport 80-90 lookup 100
ip rule add priority 101 to 203.0.113.0/24 goto 32766
ip neigh replace 192.0.2.9 lladdr 02:00:00:00:00:09 dev eth0 nud permanent
nft add table ip t
nft 'add map ip t m { type ipv4_addr . inet_service : verdict ; }'
nft 'add set ip t s { type ipv4_addr ; flags interval ; elements = { 198.51.100.0/25, 203.0.113.1-203.0.113.9 } ; }'
nft 'add chain ip t c { type filter hook input priority 0 ; }'
nft 'add chain ip t d'
nft 'add element ip t m { 192.0.2.1 . 80 : goto d }'
nft 'add rule ip t c ip saddr @s counter drop comment "it'"'"'s said"'
nft 'add rule ip t c ip daddr . tcp dport vmap @m'
nft 'add rule ip t c meta l4proto udp meta mark set 0x5 accept'
ipset create S hash:ip,port
ipset add S 192.0.2.1,tcp:80
ipset add S 192.0.2.1,udp:53
iptables -N OWN
iptables -A OWN -p tcp -m comment --comment "the first" -j ACCEPT
iptables -A OWN -s 192.0.2.7/32 -j DROP
iptables -A OWN -m set --match-set S dst,dst -j RETURN
ipvsadm -A -t 192.0.2.1:80 -s wrr -p 300
ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.20:8080 -m -w 2
ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.21:8080 -m -w 3 -x 50 -y 10
ipvsadm -A -f 7 -s rr`;

/** Everything that these tables say, as the tools print it; handles and counters left out. */
const ALL = `sleep 2; ip addr show dev eth0 | grep inet | grep -v fe80 | sed 's/tentative //' | sort; ip route show table all | grep -v 'fe80\\|ff00' | sort; ip rule; ip -6 rule; ip -6 route | grep -v fe80; ip neigh | grep -v STALE | sort;
nft -s list ruleset; ipset save | sort; iptables-save | grep -v '^[#:]'; ipvsadm -Sn; ip link show eth0 | head -1; sysctl net.ipv4.ip_forward`;

let board: Board;
const AT = "left";

function entries(): readonly Break[] {
  board.world.moveToEnd();
  const netns = must(board.netnsOf(AT), AT);
  return [...entryBreaks(board.world, board.cast, netns).values()];
}

const find = (name: RegExp, says = /./): Break =>
  must(
    entries().find((one) => name.test(one.entry ?? "") && says.test(JSON.stringify(one.values))),
    `${name.source} ${says.source} among ${entries()
      .map(({ entry, values }) => `${entry ?? ""} ${JSON.stringify(values)}`)
      .join("\n")}`,
  );

const all = (): string => board.print(AT, ALL);

/** What a command of this machine's shell says and answers. */
function type(command: string): { readonly status: string; readonly from: number; readonly to: number } {
  const from = board.reader.length;
  const status = board.print(AT, `${command} 2>/dev/null; echo "status $?"`).split("status ").at(-1)?.trim();
  return { status: status ?? "", from, to: board.reader.length };
}

/** An entry made anew with another text; answers how that is taken back. */
function edit(one: Break, change: (text: string) => string): { status: string; undo: string | undefined } {
  const made = must(one.edit, "edit");
  const command = editCommand(made, change(made.text));
  const { status, from, to } = type(command);
  const place = must(board.cast.byLabel(AT), AT);
  const undo = undoOf({ world: board.world, cast: board.cast, place }, board.reader, command, from, to);
  board.world.moveToEnd();
  return { status, undo };
}

beforeAll(async () => {
  await Promise.all([loadUserland(), loadBundled()]);
  board = new Board(await must(galleryEntry("namespaces-and-a-cable"), "gallery").load());
  for (const line of MADE.trim().split(/\n(?=[a-z])/)) {
    const { status } = type(line);
    expect(status, line).toBe("0");
  }
}, 120_000);

const COUNTED = [
  ["route", 8],
  ["policy", 6],
  ["neigh", 1],
  ["address", 3],
  ["rule", 3],
  ["nft", 3],
  ["element", 5],
  ["ipvs", 4],
] as const;

it("finds every entry that can be taken away", () => {
  const names = entries().flatMap(({ entry }) => (entry === undefined ? [] : [entry]));
  for (const [kind, count] of COUNTED)
    expect(names.filter((name) => name.startsWith(`${kind}/`)).length, `${kind}: ${names.join(" ")}`).toBe(
      count,
    );
});

it("each is taken away by its command, put back at its place, and both once more", () => {
  const before = all();
  const there = entries().filter(
    ({ entry = "", undo, values }) =>
      undo !== undefined && !/^link|disable_ipv6/.test(entry) && !String(values["text"]).startsWith("fe80"),
  );
  expect(there.length).toBeGreaterThan(25);
  for (const { label, values, entry = "" } of there) {
    for (let time = 0; time < 2; time++) {
      const one = sameNow(board.world, board.cast, { label, values, at: AT, command: "", undo: "" });
      expect(one.command, entry).not.toBe("");
      expect(type(one.command).status, one.command).toBe("0");
      expect(all(), one.command).not.toBe(before);
      expect(type(one.undo ?? "").status, one.undo).toBe("0");
      expect(all(), `${one.command} and back by ${one.undo ?? ""}`).toBe(before);
    }
  }
}, 120_000);

describe("an entry is changed by the line that makes it", () => {
  const CHANGES: readonly (readonly [string, RegExp, RegExp, (text: string) => string, string])[] = [
    [
      "a route's next hop",
      /^route/,
      /203.0.113.0/,
      (t) => t.replace("via 192.0.2.9", "via 192.0.2.10"),
      "203.0.113.0/24 via 192.0.2.10 dev eth0 metric 7 mtu lock 1400",
    ],
    [
      "a route's goal",
      /^route/,
      /203.0.113.0/,
      (t) => t.replace("203.0.113.0", "203.0.116.0"),
      "203.0.116.0/24 via 192.0.2.9",
    ],
    [
      "weights of several next hops",
      /^route/,
      /203.0.114.0/,
      (t) => t.replace("weight 3", "weight 9"),
      "weight 9",
    ],
    [
      "a rule of routing",
      /^policy/,
      /priority":100/,
      (t) => t.replace("dport 80-90", "dport 443"),
      "dport 443 lookup 100",
    ],
    [
      "a neighbour's MAC",
      /^neigh/,
      /192.0.2.9/,
      (t) => t.replace("02:00:00:00:00:09", "02:00:00:00:00:0a"),
      "192.0.2.9 dev eth0 lladdr 02:00:00:00:00:0a PERMANENT",
    ],
    [
      "an address, with the routes that stand on it",
      /^address/,
      /192.0.2.1/,
      (t) => t.replace("192.0.2.1/", "192.0.2.5/"),
      "inet 192.0.2.5/24",
    ],
    ["an MTU", /^link.*mtu/, /eth0/, () => "1300", "mtu 1300"],
    ["a setting", /^sysctl.net.ipv4.ip_forward/, /./, () => "0", "ip_forward = 0"],
    [
      "a rule's target",
      /^rule/,
      /192.0.2.7/,
      (t) => t.replace("DROP", "ACCEPT"),
      "-A OWN -s 192.0.2.7/32 -j ACCEPT",
    ],
    [
      "a rule of nftables in the middle",
      /^nft/,
      /vmap/,
      (t) => `${t} comment "new"`,
      'vmap @m comment "new"',
    ],
    ["what a map says", /^element/, /goto d/, (t) => t.replace("goto d", "drop"), "192.0.2.1 . 80 : drop"],
    [
      "an interval of a set",
      /^element/,
      /203.0.113.1-/,
      () => "203.0.113.1-203.0.113.7",
      "203.0.113.1-203.0.113.7",
    ],
    ["a member of an ipset", /^element.ipset/, /tcp:80/, () => "192.0.2.1,tcp:81", "add S 192.0.2.1,tcp:81"],
    [
      "a server's weight",
      /^ipvs/,
      /192.0.2.20/,
      (t) => t.replace("-w 2", "-w 9"),
      "-r 192.0.2.20:8080 -m -w 9",
    ],
    [
      "a scheduler",
      /^ipvs/,
      /"TCP 192.0.2.1:80","scheduler/,
      (t) => t.replace("wrr", "lc"),
      "-A -t 192.0.2.1:80 -s lc -p 300",
    ],
  ];
  it.each(CHANGES)("%s, and back", (_, name, says, change, shows) => {
    const before = all();
    expect(before).not.toContain(shows);
    const { status, undo } = edit(find(name, says), change);
    expect(status).toBe("0");
    expect(all()).toContain(shows);
    expect(all()).not.toBe(before);
    expect(type(must(undo, "a way back")).status, undo).toBe("0");
    expect(all(), undo).toBe(before);
  });

  it("a setting that takes more along is taken back with it", () => {
    const before = all();
    const { undo } = edit(find(/disable_ipv6/), () => "1");
    expect(all()).not.toContain("fd01::/48");
    expect(undo).toContain("disable_ipv6=0 && ip addr add fd00::1/64");
    expect(type(must(undo, "a way back")).status, undo).toBe("0");
    expect(all(), undo).toBe(before);
  });

  it("what is changed is told by the lines that went and came", () => {
    const told = (name: RegExp, says: RegExp, change: (text: string) => string): readonly string[] => {
      const from = board.reader.length;
      const { undo } = edit(find(name, says), change);
      const lines = changesSince(board.reader, from, 10).flatMap(({ gone, come }) => [
        ...gone.map((line) => `-${line}`),
        ...come.map((line) => `+${line}`),
      ]);
      type(undo ?? "");
      return lines;
    };
    expect(told(/^nft/, /vmap/, (text) => `${text} comment "new"`)).toEqual([
      "-nft ip t c: ip daddr . tcp dport vmap @m",
      '+nft ip t c: ip daddr . tcp dport vmap @m comment "new"',
    ]);
    expect(told(/^element/, /goto d/, (text) => text.replace("goto d", "drop"))).toEqual([
      "-nft ip t m: { 192.0.2.1 . 80 : goto d }",
      "+nft ip t m: { 192.0.2.1 . 80 : drop }",
    ]);
    expect(told(/^ipvs/, /192.0.2.20/, (text) => text.replace("-w 2", "-w 9"))).toEqual([
      "-TCP 192.0.2.1:80 -> 192.0.2.20:8080 -m -w 2",
      "+TCP 192.0.2.1:80 -> 192.0.2.20:8080 -m -w 9",
    ]);
    expect(told(/^policy/, /priority":101/, (text) => text.replace("101", "102"))).toEqual([
      "+rule 102: from all to 203.0.113.0/24 goto 32766",
      "-rule 101: from all to 203.0.113.0/24 goto 32766",
    ]);
  });

  it("what a line does beside its own entry is taken back too", () => {
    const before = all();
    const { status, undo } = edit(
      find(/^route/, /203.0.113.0/),
      (text) => `${text}; iptables -F OWN; ip link set eth0 down`,
    );
    expect(status).toBe("0");
    expect(type(must(undo, "a way back")).status, undo).toBe("0");
    expect(all(), undo).toBe(before);
  });

  it("a line that fails leaves the entry, or says how it comes back", () => {
    const before = all();
    for (const [name, says] of [
      [/^route/, /203.0.113/],
      [/^policy/, /100/],
      [/^nft/, /vmap/],
      [/^element/, /goto/],
      [/^address/, /192/],
      [/^ipvs/, /20:8080/],
    ] as const) {
      const { status, undo } = edit(find(name, says), () => "nonsense");
      expect(status).not.toBe("0");
      if (undo !== undefined) expect(type(undo).status, undo).toBe("0");
      expect(all(), undo).toBe(before);
    }
  });

  it("nothing different, nothing to take back", () => {
    expect(edit(find(/^neigh/, /192.0.2.9/), (text) => text)).toEqual({ status: "0", undo: undefined });
  });
});
