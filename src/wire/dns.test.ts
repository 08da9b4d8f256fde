import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseIpv4 } from "./address.ts";
import { parseIpv6 } from "./address6.ts";
import * as dns from "./dns.ts";
import { parseDnsName, readDnsName, sameDnsName, type DnsName } from "./dns-name.ts";
import { DNS_A, DNS_IN, DNS_SRV, dnsTypeName, dnsTypeOf, type DnsRecord } from "./dns-record.ts";
import { DNS_CNAME_ANSWER, DNS_QUERY, DNS_SRV_ANSWER } from "./fixtures.ts";

const name = (text: string): DnsName => parseDnsName(text)!;
const record = (owner: string, data: DnsRecord["data"]): DnsRecord => ({
  name: name(owner),
  class: DNS_IN,
  ttlSeconds: 30,
  data,
});

const ANSWER: dns.DnsMessage = {
  id: 41976,
  response: true,
  opcode: 0,
  authoritative: true,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: true,
  authenticData: false,
  checkingDisabled: false,
  rcode: dns.DNS_NOERROR,
  questions: [{ name: name("web.example.org"), type: DNS_A, class: DNS_IN }],
  answers: [
    record("web.example.org", { kind: "CNAME", name: name("api.example.org") }),
    record("api.example.org", { kind: "A", address: parseIpv4("10.96.0.1")! }),
  ],
  authorities: [],
  additionals: [],
};

describe("a message", () => {
  test("is decoded, pointers followed", () => {
    expect(dns.decodeDns(DNS_CNAME_ANSWER, 42)).toEqual({ ok: true, value: ANSWER });
  });

  test("with a service record is decoded", () => {
    const read = dns.decodeDns(DNS_SRV_ANSWER, 42);
    const target = name("web.default.svc.cluster.local");
    expect(read.ok && read.value.answers[0]!.data).toEqual({
      kind: "SRV",
      priority: 0,
      weight: 100,
      port: 80,
      target,
    });
  });

  test("is encoded with compression as the wire had it", () => {
    const read = dns.decodeDns(DNS_CNAME_ANSWER, 42);
    if (!read.ok) throw new Error(read.error);
    expect(dns.encodeDns(read.value, true)).toEqual(DNS_CNAME_ANSWER.subarray(42));
  });

  test("with EDNS tells the room at the sender", () => {
    const read = dns.decodeDns(DNS_QUERY, 42);
    expect(read.ok && dns.dnsUdpSize(read.value)).toBe(1232);
    expect(dns.dnsUdpSize(ANSWER)).toBe(512);
  });

  test("with every kind of record comes back, compressed or not", () => {
    const all: dns.DnsMessage = {
      ...ANSWER,
      answers: [
        record("a.example.org", { kind: "AAAA", address: parseIpv6("fd00::1")! }),
        record("5.0.0.10.in-addr.arpa", { kind: "PTR", name: name("a.example.org") }),
        record("example.org", { kind: "NS", name: name("ns.example.org") }),
        record("example.org", { kind: "MX", preference: 10, name: name("mail.example.org") }),
        record("example.org", { kind: "TXT", strings: [Uint8Array.of(104, 105), new Uint8Array(0)] }),
        record(".", { kind: "other", type: 99, bytes: Uint8Array.of(1, 2, 3) }),
      ],
      authorities: [
        record("example.org", {
          kind: "SOA",
          primary: name("ns.example.org"),
          mailbox: name("host\\.master.example.org"),
          serial: 4294967295,
          refreshSeconds: 7200,
          retrySeconds: 1800,
          expireSeconds: 86400,
          minimumSeconds: 5,
        }),
      ],
    };
    expect(dns.decodeDns(dns.encodeDns(all))).toEqual({ ok: true, value: all });
    expect(dns.decodeDns(dns.encodeDns(all, true))).toEqual({ ok: true, value: all });
    expect(dns.encodeDns(all, true).length).toBeLessThan(dns.encodeDns(all).length);
  });

  test("says in tcpdump's words what it is", () => {
    const query = { ...ANSWER, response: false, answers: [] };
    expect(dns.dnsSummary(query)).toBe("41976+ A? web.example.org. (33)");
    const none = { ...ANSWER, rcode: dns.DNS_NXDOMAIN, answers: [], authoritative: false };
    expect(dns.dnsSummary(none)).toBe("41976 NXDomain 0/0/0 (33)");
    expect(dns.dnsSummary({ ...none, rcode: 5, recursionAvailable: false })).toBe(
      "41976 Refused- 0/0/0 (33)",
    );
  });

  test.each([
    ["bad-name", 54 + 17 + 4, [0xc0, 0xff]],
    ["bad-data", 54 + 17 + 4 + 10, [0, 5]],
    ["bad-data", 54 + 17 + 4 + 2, [0, 1]],
  ] as const)("is refused: %s", (error, at, bytes) => {
    const b = DNS_CNAME_ANSWER.slice();
    b.set(bytes, at);
    expect(dns.decodeDns(b, 42)).toEqual({ ok: false, error });
  });
});

describe("a name", () => {
  test.each([
    ["example.org", "example.org."],
    ["example.org.", "example.org."],
    [".", "."],
    ["a\\.b.org", "a\\.b.org."],
    ["a\\046b.org", "a\\.b.org."],
    ["a\\\\.org", "a\\\\.org."],
    ["tab\\009.org", "tab\\009.org."],
  ])("%s is read as %s", (from, to) => {
    expect(parseDnsName(from)).toBe(to);
  });

  test.each(["", "a..b", ".a", "a\\", "a\\9", "é€.org", "a\\300.b", `${"x".repeat(64)}.org`])(
    "%j is none",
    (bad) => {
      expect(parseDnsName(bad)).toBeUndefined();
    },
  );

  test("has at most 255 octets", () => {
    expect(parseDnsName("x.".repeat(127))).toBeDefined();
    expect(parseDnsName("x.".repeat(128))).toBeUndefined();
  });

  test("is the same in any case", () => {
    expect(sameDnsName(name("Web.Example.org"), name("web.example.ORG"))).toBe(true);
  });

  test("with pointers that do not lead backwards is refused", () => {
    const loop = Uint8Array.of(0xc0, 0);
    expect(readDnsName(loop, 0, 0, 2)).toBeUndefined();
    const pair = Uint8Array.of(1, 97, 0xc0, 6, 0, 0, 0xc0, 0);
    expect(readDnsName(pair, 0, 6, 8)).toBeUndefined();
  });

  test("of any octets comes back", () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 5 }), (labels) => {
        const wire = Uint8Array.from([...labels.flatMap((l) => [l.length, ...l]), 0]);
        const read = readDnsName(wire, 0, 0, wire.length)!;
        expect(read.end).toBe(wire.length);
        expect(parseDnsName(read.name)).toBe(read.name);
        const question = { name: read.name, type: DNS_SRV, class: DNS_IN };
        const out = dns.encodeDns({ ...ANSWER, answers: [], questions: [question] });
        expect(out.subarray(12, 12 + wire.length)).toEqual(wire);
      }),
    );
  });
});

test("types are named as RFC 3597 names them", () => {
  expect([DNS_A, DNS_SRV, 4711].map(dnsTypeName)).toEqual(["A", "SRV", "TYPE4711"]);
  expect(["aaaa", "type4711", "TYPE70000", "nonsense"].map(dnsTypeOf)).toEqual([
    28,
    4711,
    undefined,
    undefined,
  ]);
});
