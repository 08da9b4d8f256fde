import * as dns from "../dns.ts";
import { dnsDataText, dnsTypeName, type DnsRecord } from "../dns-record.ts";
import * as http from "../http.ts";
import { cutShort, field, hexText, type Dissector, type Field } from "./layer.ts";

/** Dissectors of what transports carry: DNS, HTTP/1.1 and bytes that nobody claims. */

function records(
  key: string,
  label: string,
  list: readonly DnsRecord[],
  from: number,
  length: number,
): Field[] {
  if (list.length === 0) return [];
  const parts = list.map((r) => {
    const value = `${r.name} ${r.ttlSeconds} ${dnsDataText(r.data)}`;
    return field(`dns.${key}.record`, "Record", value, from, length);
  });
  return [field(`dns.${key}`, label, list.length, from, length, parts)];
}

const MISSING = {
  truncated: "DNS message cut short: a record reaches over the end",
  "bad-name": "DNS message with a name that cannot be read",
  "bad-data": "DNS message with a record whose data do not fit its type",
} as const;

export const dissectDns: Dissector = ({ b, from, to }) => {
  if (to - from < dns.DNS_HEADER) return cutShort("DNS header", dns.DNS_HEADER, to - from);
  const read = dns.decodeDns(b, from, to);
  if (!read.ok) return { missing: MISSING[read.error] };
  const m = read.value;
  const length = to - from;
  const body = from + dns.DNS_HEADER;
  const rest = to - body;
  const asked = m.questions.map((q) =>
    field("dns.question", "Query", `${q.name} ${dnsTypeName(q.type)}`, body, rest),
  );
  return {
    length,
    summary: dns.dnsSummary(m, length),
    fields: [
      field("dns.id", "Transaction ID", hexText(m.id, 4), from, 2),
      field("dns.response", "Response", m.response ? "response" : "query", from + 2, 1),
      field("dns.opcode", "Opcode", m.opcode, from + 2, 1),
      field("dns.authoritative", "Authoritative", m.authoritative ? "yes" : "no", from + 2, 1),
      field("dns.truncated", "Truncated", m.truncated ? "yes" : "no", from + 2, 1),
      field("dns.rcode", "Reply code", dns.dnsRcodeName(m.rcode), from + 3, 1),
      ...asked,
      ...records("answers", "Answers", m.answers, body, rest),
      ...records("authorities", "Authoritative nameservers", m.authorities, body, rest),
      ...records("additionals", "Additional records", m.additionals, body, rest),
    ],
  };
};

/** Bytes before the next CRLF, which must be there. */
function lineLength(b: Uint8Array, from: number): number {
  let i = from;
  while (b[i] !== 13 || b[i + 1] !== 10) i++;
  return i - from;
}

function startText(head: http.HttpHead): string {
  return http.httpSummary(head).slice("HTTP: ".length);
}

export const dissectHttp: Dissector = ({ b, from, to }) => {
  const read = http.decodeHttp(b, from, to);
  if (!read.ok) {
    if (read.error === "incomplete") return { missing: "HTTP head cut short: no empty line in this segment" };
    return { missing: `HTTP head that cannot be read (${read.error})` };
  }
  const { head, length } = read.value;
  const start = field("http.start_line", "Start line", startText(head), from, lineLength(b, from));
  const fields = [start];
  let at = from + start.length + 2;
  for (const f of head.fields) {
    const line = lineLength(b, at);
    fields.push(field("http.field", f.name, f.value, at, line));
    at += line + 2;
  }
  const body = from + length;
  return {
    length,
    summary: http.httpSummary(head),
    fields,
    ...(body < to ? { next: { protocol: "payload", from: body, to } } : {}),
  };
};

/** At most this many bytes of readable text are shown. */
const SHOWN_BYTES = 48;

/** Printable ASCII and line ends. */
function isText(octet: number): boolean {
  return (octet >= 32 && octet < 127) || octet === 9 || octet === 10 || octet === 13;
}

export const dissectPayload: Dissector = ({ b, from, to }) => {
  const length = to - from;
  const head = b.subarray(from, Math.min(to, from + SHOWN_BYTES));
  const fields = [field("payload.length", "Length", length, from, length)];
  if (length > 0 && head.every(isText)) {
    const text = String.fromCharCode(...head);
    fields.push(field("payload.text", "Text", JSON.stringify(text), from, head.length));
  }
  return { length, summary: `${length} ${length === 1 ? "byte" : "bytes"} of data`, fields };
};
