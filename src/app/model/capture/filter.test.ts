import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { must } from "../../../base/result.ts";
import { encodePcapng } from "../../../wire/pcapng.ts";
import { frameOf, unhex } from "./fixtures/frames.ts";
import { passes } from "./filter.ts";
import { FILTER_NAMES, filterField } from "./filter-fields.ts";
import { type Filter, parseFilter, printFilter } from "./filter-parse.ts";
import { PacketList } from "./packet.ts";

/** Filters, each with the numbers of the frames of tshark.txt that tshark 4.0.17 let through. TSHARK=1 records anew. */
const FIXTURE = new URL("fixtures/filters.txt", import.meta.url);

const frames = readFileSync(new URL("fixtures/tshark.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => /^[0-9a-f]+$/.test(line))
  .map(unhex);

const FILTERS = `
arp
arp.opcode == 1 && arp.dst.proto_ipv4 == 10.0.1.1
icmp
icmp.type == 8
icmp.type eq 0 and ip.ttl < 64
ip.addr == 10.244.1.2
ip.src == 10.0.0.0/16
ip.addr != 10.244.1.2
!(ip.addr == 10.244.1.2)
ip.dst == 10.96.0.0/16 || ip.dst == 10.244.2.0/24
not arp and not icmp and not ipv6
tcp
tcp.flags.syn == 1
tcp.flags.syn==1 && tcp.flags.ack==0
tcp.flags.reset == 1
tcp.flags == 0x018
tcp.port == 80
tcp.port in {80, 9000..9200}
tcp.srcport >= 1024 and tcp.dstport <= 1023
tcp.len > 0
udp
udp.port == 53
udp.dstport == 8472
vxlan
vxlan.vni == 1
vxlan && icmp
vxlan && tcp.flags.fin == 1
eth.addr == 02:00:00:00:00:0a
eth.dst == ff:ff:ff:ff:ff:ff
eth.type == 0x86dd
frame.len > 200
frame.len in {42, 98}
frame.number <= 5
dns
dns.flags.response == 0
dns.qry.name contains "frontend"
dns.qry.name == "frontend.default.svc.cluster.local"
dns.flags.rcode == 3
http
http.request
http.response.code == 200
http.request.method == "GET"
http.host contains "front"
frame contains "GET"
tcp contains "hello"
ip.flags.df == 1 && icmp
ip.flags.mf == 1
ip.frag_offset > 0
ip.proto == 17
ip.ttl == 1 or ip.ttl == 62
icmp.code == 3 && udp
icmpv6
icmpv6.type == 135
ipv6.dst == fd00:1::1
ipv6
(arp or dns) and !(frame.len < 60)
`
  .trim()
  .split("\n");

if (process.env["TSHARK"] !== undefined) {
  const path = "/tmp/flannelgraph-filters.pcapng";
  const packets = frames.map((bytes, i) => ({
    interface: 0,
    timeNs: i * 1e6,
    direction: "in" as const,
    bytes,
  }));
  writeFileSync(path, encodePcapng({ startSeconds: 1, interfaces: [{ name: "x", linkType: 1 }], packets }));
  const rows = FILTERS.map((filter) => {
    const args = [
      "-r",
      path,
      "-n",
      "-2",
      "-d",
      "udp.port==8472,vxlan",
      "-Y",
      filter,
      "-T",
      "fields",
      "-e",
      "frame.number",
    ];
    const numbers = execFileSync("tshark", args, { encoding: "utf8" }).trim().split("\n").join(" ");
    return `${filter}\n  ${numbers}\n`;
  });
  writeFileSync(FIXTURE, rows.join(""));
}

const list = new PacketList();
frames.forEach((bytes, i) => list.add(frameOf(bytes, i)));

const told = [...readFileSync(FIXTURE, "utf8").matchAll(/^(\S.*)\n {2}(.*)$/gm)].map(
  ([, filter = "", numbers = ""]) => [filter, numbers] as const,
);

test("every filter of the list was held against tshark", () => {
  expect(told.map(([filter]) => filter)).toEqual(FILTERS);
});

test.each(told)("%s lets through what tshark lets through", (text, numbers) => {
  const filter = parseFilter(text);
  if (!filter.ok) throw new Error(JSON.stringify(filter.error));
  const through = list.packets.filter((packet) => passes(filter.value, packet));
  expect(through.map(({ number }) => number).join(" ")).toBe(numbers);
});

test.each([
  ["ip.adr == 1.2.3.4", "unknown-field", 0, 6],
  ["ip.addr == 1.2.3", "bad-value", 11, 5],
  ["tcp.port == http", "bad-value", 12, 4],
  ["tcp &&", "expected-field", 6, 1],
  ["(tcp || udp", "expected-close", 11, 1],
  ["tcp udp", "unexpected", 4, 3],
  ["tcp == 1", "cannot-compare", 4, 2],
  ["ip.addr contains 1", "cannot-compare", 8, 8],
  ['http.host matches "a.*"', "not-modelled", 10, 7],
  ["tcp[13] == 2", "not-modelled", 3, 1],
  ['frame contains "GET', "unterminated", 15, 4],
  ["tcp.port in 80", "expected-value", 12, 2],
  ["tcp.port in {80", "expected-close", 15, 1],
  ["eth.addr == 02:00", "bad-value", 12, 5],
  ["== 3", "expected-field", 0, 2],
])("%s: %s is said at its place", (text, problem, at, length) => {
  const read = parseFilter(text);
  expect(read.ok ? "ok" : [read.error.problem, read.error.at, read.error.length]).toEqual([
    problem,
    at,
    length,
  ]);
});

const value: Readonly<Record<string, fc.Arbitrary<string>>> = {
  number: fc.nat(70_000).map(String),
  text: fc.string({ maxLength: 8, unit: "grapheme-ascii" }).filter((text) => text !== ""),
  ipv4: fc.ipV4(),
  ipv6: fc.constant("fd00::1"),
  mac: fc.constant("02:00:00:00:00:0a"),
  flag: fc.constantFrom("0", "1"),
};

const leaf: fc.Arbitrary<Filter> = fc.constantFrom(...FILTER_NAMES).chain((field): fc.Arbitrary<Filter> => {
  const type = must(filterField(field), field).type;
  if (type === "protocol")
    return fc.oneof(
      fc.constant<Filter>({ kind: "present", field }),
      value["text"]!.map((text): Filter => ({
        kind: "test",
        field,
        relation: "contains",
        operands: [{ text }],
      })),
    );
  const relation = fc.constantFrom("==", "!=", "<", ">=", "in" as const);
  return fc
    .tuple(relation, fc.array(must(value[type], type), { minLength: 1, maxLength: 3 }))
    .map(([is, texts]): Filter => {
      const operands = (is === "in" ? texts : texts.slice(0, 1)).map((text) => ({ text }));
      return { kind: "test", field, relation: is, operands };
    });
});

const filter: fc.Arbitrary<Filter> = fc.letrec<{ tree: Filter }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    tie("tree").map((of): Filter => ({ kind: "not", of })),
    fc
      .tuple(fc.constantFrom("and" as const, "or" as const), tie("tree"), tie("tree"))
      .map(([kind, left, right]): Filter => ({ kind, left, right })),
  ),
})).tree;

test("a filter printed and read again is the same", () => {
  fc.assert(
    fc.property(filter, (made) => {
      expect(parseFilter(printFilter(made))).toEqual({ ok: true, value: made });
    }),
  );
});

test("not, and, or mean what they say for every packet", () => {
  fc.assert(
    fc.property(filter, filter, fc.constantFrom(...list.packets), (a, b, packet) => {
      const [isA, isB] = [passes(a, packet), passes(b, packet)];
      expect(passes({ kind: "not", of: a }, packet)).toBe(!isA);
      expect(passes({ kind: "and", left: a, right: b }, packet)).toBe(isA && isB);
      expect(passes({ kind: "or", left: a, right: b }, packet)).toBe(isA || isB);
    }),
  );
});

test("no text makes the parser throw, and every error lies within the text or just behind it", () => {
  const words = fc.constantFrom(
    "ip.addr",
    "==",
    "10.0.0.1",
    "&&",
    "(",
    ")",
    "!",
    "tcp",
    "{",
    "}",
    ",",
    '"',
    "in",
    "1..2",
    "~",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(words, { maxLength: 12 }).map((parts) => parts.join(" ")),
  );
  fc.assert(
    fc.property(text, (typed) => {
      const read = parseFilter(typed);
      if (read.ok) return;
      expect(read.error.at).toBeGreaterThanOrEqual(0);
      expect(read.error.at).toBeLessThanOrEqual(typed.length);
      expect(read.error.length).toBeGreaterThan(0);
    }),
  );
});
