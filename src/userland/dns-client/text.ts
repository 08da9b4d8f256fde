import { formatIpv4 } from "../../wire/address.ts";
import { formatIpv6 } from "../../wire/address6.ts";
import { dnsDataType, type DnsData, type DnsRecord, dnsTypeName } from "../../wire/dns-record.ts";
import { refuse } from "../args/exit.ts";

/** Records in the words of master files (RFC 1035, section 5.1), as BIND's tools print them. */

function quoted(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const c = String.fromCharCode(byte);
    if (c === '"' || c === "\\") text += `\\${c}`;
    else text += byte >= 32 && byte < 127 ? c : `\\${String(byte).padStart(3, "0")}`;
  }
  return `"${text}"`;
}

export function dataText(d: DnsData): string {
  switch (d.kind) {
    case "A":
      return formatIpv4(d.address);
    case "AAAA":
      return formatIpv6(d.address);
    case "NS":
    case "CNAME":
    case "PTR":
      return d.name;
    case "MX":
      return `${d.preference} ${d.name}`;
    case "SRV":
      return `${d.priority} ${d.weight} ${d.port} ${d.target}`;
    case "SOA":
      return `${d.primary} ${d.mailbox} ${d.serial} ${d.refreshSeconds} ${d.retrySeconds} ${d.expireSeconds} ${d.minimumSeconds}`;
    case "TXT":
      return d.strings.map(quoted).join(" ");
    case "other":
      return refuse(`printing ${dnsTypeName(d.type)} records`);
  }
}

const TAB = 8;
/** Where the first column behind the name begins. */
const FIRST_COLUMN = 24;

/** Texts at columns, with tabs between; one blank where a text reaches beyond its column. */
export function columns(texts: readonly string[], first = FIRST_COLUMN): string {
  let line = texts[0] ?? "";
  let width = line.length;
  let column = first;
  for (const text of texts.slice(1)) {
    if (width < column) {
      line += "\t".repeat(Math.floor(column / TAB) - Math.floor(width / TAB));
      width = column;
    } else {
      line += " ";
      width++;
    }
    line += text;
    width += text.length;
    column += TAB;
  }
  return line;
}

export function recordText(
  record: DnsRecord,
  show: { readonly ttl: boolean; readonly class: boolean },
): string {
  return columns([
    record.name,
    ...(show.ttl ? [String(record.ttlSeconds)] : []),
    ...(show.class ? ["IN"] : []),
    dnsTypeName(dnsDataType(record.data)),
    dataText(record.data),
  ]);
}
