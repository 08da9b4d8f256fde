import { describe, expect, it } from "vitest";
import { must } from "../../base/result.ts";
import { type Nanos, seconds } from "../../sim/time.ts";
import { ipv4 } from "../../wire/address.ts";
import { DNS_NOERROR, DNS_NXDOMAIN, type DnsMessage } from "../../wire/dns.ts";
import { parseDnsName } from "../../wire/dns-name.ts";
import { DNS_A, DNS_IN, type DnsRecord } from "../../wire/dns-record.ts";
import { AnswerCache, within } from "./cache.ts";
import { parseCorefile } from "./corefile.ts";
import { nodeCacheRules } from "./node-cache.ts";

const STOCK = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`;

describe("a Corefile", () => {
  it("is kubeadm's", () => {
    const parsed = parseCorefile(STOCK);
    expect(parsed.ok && parsed.value).toMatchObject([
      {
        serves: ["."],
        port: 53,
        bind: [],
        zones: ["cluster.local", "in-addr.arpa", "ip6.arpa"],
        forceTcp: false,
        cache: {
          success: { most: 30, not: ["cluster.local"] },
          denial: { most: 30, not: ["cluster.local"] },
        },
        health: ":8080",
        ready: ":8181",
        metrics: ":9153",
      },
    ]);
  });

  it("has several blocks, each with its zones and addresses", () => {
    const text = `cluster.local:53 {
      cache { 
        success 9984 30
        denial 9984 5
      }
      bind 169.254.20.10 10.96.0.10
      forward . 10.96.1.2 { 
        force_tcp
      }
      health 169.254.20.10:8080
    }
    .:53 {
      bind 169.254.20.10
      forward . /etc/resolv.conf
    }`;
    const parsed = parseCorefile(text);
    expect(parsed.ok && parsed.value).toMatchObject([
      {
        serves: ["cluster.local."],
        bind: ["169.254.20.10", "10.96.0.10"],
        forwardTo: ["10.96.1.2"],
        forceTcp: true,
        cache: { success: { most: 30, not: [] }, denial: { most: 5 } },
        health: "169.254.20.10:8080",
      },
      { serves: ["."], forwardTo: ["/etc/resolv.conf"], forceTcp: false, cache: undefined },
    ]);
  });

  it("is refused with its line: in CoreDNS' words, or as not modelled", () => {
    expect(parseCorefile(".:53 {\n  nonsense\n}")).toEqual({
      ok: false,
      error: "Corefile:2 - Error during parsing: Unknown directive 'nonsense'",
    });
    expect(parseCorefile(".:53 {\n  rewrite name a b\n}")).toEqual({
      ok: false,
      error: "Corefile:2 - flannelgraph: CoreDNS' plugin 'rewrite' is not modelled yet",
    });
    expect(parseCorefile(".:53 {\n errors").ok).toBe(false);
  });
});

const name = (text: string) => must(parseDnsName(text), text);
const record = (ttlSeconds: number): DnsRecord => ({
  name: name("a.example."),
  class: DNS_IN,
  ttlSeconds,
  data: { kind: "A", address: ipv4(0x0a000001) },
});

function message(more: Partial<DnsMessage>): DnsMessage {
  return {
    id: 7,
    response: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: DNS_NOERROR,
    questions: [{ name: name("a.example."), type: DNS_A, class: DNS_IN }],
    answers: [],
    authorities: [],
    additionals: [],
    ...more,
  };
}

describe("the cache", () => {
  const side = { most: 30, least: 5, not: ["internal"] };
  const query = message({});
  const at = (s: number): Nanos => seconds(s);

  it("says again what was answered, with what is left of its time", () => {
    const cache = new AnswerCache({ success: side, denial: side });
    const given = cache.put(query, message({ response: true, answers: [record(300)] }), at(0));
    expect(given.answers[0]?.ttlSeconds).toBe(30);
    const again = cache.get({ ...query, id: 9 }, at(12));
    expect(again).toMatchObject({ id: 9, authoritative: true, answers: [{ ttlSeconds: 18 }] });
    expect(cache.get(query, at(30))).toBeUndefined();
  });

  it("keeps for five seconds at least, a denial as long as its SOA says, other failures not at all", () => {
    const cache = new AnswerCache({ success: side, denial: { ...side, most: 20 } });
    cache.put(query, message({ response: true, answers: [record(1)] }), at(0));
    expect(cache.get(query, at(4))?.answers[0]?.ttlSeconds).toBe(1);
    const nobody = message({ questions: [{ name: name("b.example."), type: DNS_A, class: DNS_IN }] });
    expect(cache.put(nobody, { ...nobody, rcode: 2 }, at(0)).rcode).toBe(2);
    expect(cache.get(nobody, at(1))).toBeUndefined();
    const soa: DnsRecord = {
      ...record(600),
      data: {
        kind: "SOA",
        primary: name("ns."),
        mailbox: name("h."),
        serial: 1,
        refreshSeconds: 1,
        retrySeconds: 1,
        expireSeconds: 1,
        minimumSeconds: 12,
      },
    };
    cache.put(nobody, { ...nobody, rcode: DNS_NXDOMAIN, authorities: [soa] }, at(0));
    expect(cache.get(nobody, at(11))?.rcode).toBe(DNS_NXDOMAIN);
    expect(cache.get(nobody, at(12))).toBeUndefined();
  });

  it("leaves zones alone that it is told to", () => {
    const cache = new AnswerCache({ success: side, denial: side });
    const inside = message({ questions: [{ name: name("x.internal."), type: DNS_A, class: DNS_IN }] });
    expect(cache.put(inside, { ...inside, answers: [record(300)] }, at(0)).answers[0]?.ttlSeconds).toBe(300);
    expect(cache.get(inside, at(1))).toBeUndefined();
    expect([within("a.b.", "b"), within("ab.", "b"), within("b", "b."), within("x.", ".")]).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });
});

it("node-cache's rules are twelve for an address: four into raw's PREROUTING and INPUT, eight for what leaves", () => {
  const rules = nodeCacheRules("169.254.20.10", "8080");
  const count = (table: string, chain: string): number =>
    rules.filter((rule) => rule.table === table && rule.chain === chain).length;
  expect(rules).toHaveLength(12);
  expect([
    count("raw", "PREROUTING"),
    count("filter", "INPUT"),
    count("raw", "OUTPUT"),
    count("filter", "OUTPUT"),
  ]).toEqual([2, 2, 6, 2]);
});
