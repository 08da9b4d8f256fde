import type { Nanos } from "../../sim/time.ts";
import { formatIpv4 } from "../../wire/address.ts";
import { dnsRcodeName, type DnsMessage, encodeDns } from "../../wire/dns.ts";
import { DNS_OPT, dnsDataType, type DnsRecord, dnsTypeName } from "../../wire/dns-record.ts";
import { hex } from "../../base/bytes.ts";
import { refuse } from "../args/exit.ts";
import type { NameServer } from "../dns-client/names.ts";
import { columns, dataText, recordText } from "../dns-client/text.ts";
import { EPOCH_SECONDS } from "../shell/specials.ts";
import { momentOf, strftime } from "../text/strftime.ts";
import type { Lookup } from "./options.ts";

/** What dig prints of a message. */

const OPCODES = ["QUERY", "IQUERY", "STATUS", "RESERVED3", "NOTIFY", "UPDATE"];
/** Where a question's class stands: there is no TTL before it. */
const QUESTION_COLUMN = 32;
const DNSSEC_OK = 0x8000;
const COOKIE = 10;

type Shown = Pick<Lookup, "comments" | "question" | "answer" | "authority" | "additional" | "ttl" | "class">;

function headerText(m: DnsMessage): string {
  const flags = [
    [m.response, "qr"],
    [m.authoritative, "aa"],
    [m.truncated, "tc"],
    [m.recursionDesired, "rd"],
    [m.recursionAvailable, "ra"],
    [m.authenticData, "ad"],
    [m.checkingDisabled, "cd"],
  ] as const;
  const set = flags.filter(([on]) => on).map(([, name]) => ` ${name}`);
  const status = `status: ${dnsRcodeName(m.rcode)}, id: ${m.id}`;
  let text = `;; ->>HEADER<<- opcode: ${OPCODES[m.opcode] ?? "RESERVED"}, ${status}\n;; flags:${set.join("")}; `;
  text += `QUERY: ${m.questions.length}, ANSWER: ${m.answers.length}, `;
  text += `AUTHORITY: ${m.authorities.length}, ADDITIONAL: ${m.additionals.length}\n`;
  if (m.response && m.recursionDesired && !m.recursionAvailable)
    text += ";; WARNING: recursion requested but not available\n";
  return `${text}\n`;
}

function isOpt(record: DnsRecord): boolean {
  return dnsDataType(record.data) === DNS_OPT;
}

function optText(record: DnsRecord): string {
  const flags = (record.ttlSeconds & DNSSEC_OK) === 0 ? "" : " do";
  let text = `;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:${flags}; udp: ${record.class}\n`;
  if (record.data.kind !== "other") return text;
  const { bytes } = record.data;
  for (let o = 0; o + 4 <= bytes.length;) {
    const [code, length] = [(bytes[o]! << 8) | bytes[o + 1]!, (bytes[o + 2]! << 8) | bytes[o + 3]!];
    if (code !== COOKIE) refuse(`EDNS option ${code}`);
    text += `; COOKIE: ${hex(bytes.subarray(o + 4, o + 4 + length))}\n`;
    o += 4 + length;
  }
  return text;
}

export function messageText(m: DnsMessage, show: Shown): string {
  let text = show.comments ? headerText(m) : "";
  const opt = m.additionals.find(isOpt);
  if (opt !== undefined && show.comments) text += optText(opt);
  const section = (title: string, lines: readonly string[]): string => {
    if (lines.length === 0) return "";
    const body = lines.map((line) => `${line}\n`).join("");
    return show.comments ? `;; ${title} SECTION:\n${body}\n` : body;
  };
  const records = (list: readonly DnsRecord[]): string[] =>
    list.map((record) => recordText(record, { ttl: show.ttl, class: show.class }));
  if (show.question)
    text += section(
      "QUESTION",
      m.questions.map(
        (q) => `;${columns([q.name, ...(show.class ? ["IN"] : []), dnsTypeName(q.type)], QUESTION_COLUMN)}`,
      ),
    );
  if (show.answer) text += section("ANSWER", records(m.answers));
  if (show.authority) text += section("AUTHORITY", records(m.authorities));
  if (show.additional) text += section("ADDITIONAL", records(m.additionals.filter((r) => !isOpt(r))));
  return text;
}

/** +short: the data of all answers. */
export function shortText(m: DnsMessage, suffix: string): string {
  return m.answers.map(({ data }) => `${dataText(data)}${suffix}\n`).join("");
}

export function querySize(query: DnsMessage): number {
  return encodeDns(query, true).length;
}

export function statisticsText(
  now: Nanos,
  milliseconds: number,
  server: NameServer,
  port: number,
  sizeBytes: number,
): string {
  const when = strftime("%a %b %d %H:%M:%S UTC %Y", momentOf(EPOCH_SECONDS + Math.floor(now / 1e9)));
  return (
    `;; Query time: ${milliseconds} msec\n;; SERVER: ${formatIpv4(server.address)}#${port}(${server.name}) (UDP)\n` +
    `;; WHEN: ${when}\n;; MSG SIZE  rcvd: ${sizeBytes}\n\n`
  );
}
