import { utf8Encode } from "../../base/utf8.ts";
import { parseIpv4 } from "../../wire/address.ts";
import { parseIpv6 } from "../../wire/address6.ts";
import { DNS_NOERROR, DNS_NXDOMAIN, DNS_REFUSED, type DnsMessage } from "../../wire/dns.ts";
import { type DnsName, parseDnsName } from "../../wire/dns-name.ts";
import { DNS_ANY, DNS_CNAME, DNS_SOA, dnsDataType, type DnsRecord } from "../../wire/dns-record.ts";

/** Zones and what an authoritative server says of them (RFC 1034, section 4.3.2). No delegations, no wildcards. */

/** The longest chain of aliases that is followed. */
const LONGEST_CHAIN = 8;

interface Answer {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
}

export class Zones {
  private readonly byName = new Map<string, DnsRecord[]>();
  /** Names that exist, if only because something exists below them. */
  private readonly existing = new Set<string>();
  private readonly apexes: DnsRecord[] = [];

  constructor(records: readonly DnsRecord[]) {
    for (const record of records) this.add(record);
  }

  /** A record more; a SOA makes its name a zone. */
  add(record: DnsRecord): void {
    const key = record.name.toLowerCase();
    const known = this.byName.get(key);
    if (known === undefined) this.byName.set(key, [record]);
    else known.push(record);
    for (let rest = key; rest !== "." && rest !== ""; rest = rest.slice(rest.indexOf(".") + 1))
      this.existing.add(rest);
    if (dnsDataType(record.data) === DNS_SOA) this.apexes.push(record);
  }

  /** The SOA of the zone that a name lies in. */
  private zoneOf(name: string): DnsRecord | undefined {
    let best: DnsRecord | undefined;
    for (const soa of this.apexes) {
      const apex = soa.name.toLowerCase();
      const inside = apex === "." || name === apex || name.endsWith(`.${apex}`);
      if (inside && apex.length > (best?.name.length ?? 0)) best = soa;
    }
    return best;
  }

  answer(name: DnsName, type: number): Answer {
    if (this.zoneOf(name.toLowerCase()) === undefined)
      return { rcode: DNS_REFUSED, authoritative: false, answers: [], authorities: [] };
    const answers: DnsRecord[] = [];
    let wanted: DnsName = name;
    for (let i = 0; i < LONGEST_CHAIN; i++) {
      const key = wanted.toLowerCase();
      const zone = this.zoneOf(key);
      if (zone === undefined) break;
      const here = this.byName.get(key) ?? [];
      const hits = here.filter(({ data }) => type === DNS_ANY || dnsDataType(data) === type);
      if (hits.length > 0) {
        // The name is given back as it was asked for.
        answers.push(...hits.map((record) => ({ ...record, name: wanted })));
        break;
      }
      const alias = here.find(({ data }) => dnsDataType(data) === DNS_CNAME);
      if (alias?.data.kind === "CNAME") {
        answers.push({ ...alias, name: wanted });
        wanted = alias.data.name;
        continue;
      }
      const rcode = this.existing.has(key) ? DNS_NOERROR : DNS_NXDOMAIN;
      return { rcode, authoritative: true, answers, authorities: [zone] };
    }
    return { rcode: DNS_NOERROR, authoritative: true, answers, authorities: [] };
  }

  /** The whole reply to a query. */
  reply(query: DnsMessage): DnsMessage {
    const question = query.questions[0];
    const answer: Answer =
      question === undefined
        ? { rcode: DNS_REFUSED, authoritative: false, answers: [], authorities: [] }
        : this.answer(question.name, question.type);
    return {
      ...query,
      response: true,
      truncated: false,
      recursionAvailable: false,
      authenticData: false,
      checkingDisabled: false,
      ...answer,
      additionals: [],
    };
  }
}

/** A zone file of one line a record, `NAME TYPE DATA`, names without final dot; everything lives 300 seconds. */
export function parseZone(text: string): readonly DnsRecord[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(parseRecord);
}

const LIFETIME = 300;

function domain(text: string | undefined): DnsName {
  const name = parseDnsName(text ?? "");
  if (name === undefined) throw new Error(`bug: "${text ?? ""}" is no domain name`);
  return name;
}

function parseRecord(line: string): DnsRecord {
  const [owner, type, ...words] = line.match(/"(?:\\.|[^"\\])*"|\S+/g) ?? [];
  return { name: domain(owner), class: 1, ttlSeconds: LIFETIME, data: parseData(type ?? "", words) };
}

function parseData(type: string, words: readonly string[]): DnsRecord["data"] {
  const number = (i: number): number => Number(words[i]);
  switch (type) {
    case "A":
      return { kind: "A", address: mustAddress(words[0], parseIpv4) };
    case "AAAA":
      return { kind: "AAAA", address: mustAddress(words[0], parseIpv6) };
    case "NS":
    case "CNAME":
    case "PTR":
      return { kind: type, name: domain(words[0]) };
    case "MX":
      return { kind: "MX", preference: number(0), name: domain(words[1]) };
    case "SRV":
      return {
        kind: "SRV",
        priority: number(0),
        weight: number(1),
        port: number(2),
        target: domain(words[3]),
      };
    case "TXT":
      return {
        kind: "TXT",
        strings: words.map((word) => utf8Encode(word.slice(1, -1).replace(/\\(.)/g, "$1"))),
      };
    case "SOA":
      return {
        kind: "SOA",
        primary: domain(words[0]),
        mailbox: domain(words[1]),
        serial: number(2),
        refreshSeconds: number(3),
        retrySeconds: number(4),
        expireSeconds: number(5),
        minimumSeconds: number(6),
      };
    default:
      throw new Error(`bug: zone files have no ${type}`);
  }
}

function mustAddress<T>(text: string | undefined, parse: (text: string) => T | undefined): T {
  const address = parse(text ?? "");
  if (address === undefined) throw new Error(`bug: "${text ?? ""}" is no address`);
  return address;
}
