import { decodeDns, type DnsMessage } from "../../../wire/dns.ts";
import { DNS_OPT, type DnsRecord, dnsDataType, dnsTypeName } from "../../../wire/dns-record.ts";
import { formatIpv4 } from "../../../wire/address.ts";
import { formatIpv6 } from "../../../wire/address6.ts";

/** tshark's words for reply codes. */
const RCODES = ["", "Format error", "Server failure", "No such name", "Not implemented", "Refused"];

/** Names without the dot at their end; the root is `<Root>`. */
function plain(name: string): string {
  const bare = name.replace(/\.$/, "");
  return bare === "" ? "<Root>" : bare;
}

function recordText({ data }: DnsRecord): string {
  const type = dnsDataType(data);
  if (type === DNS_OPT) return " OPT";
  const name = ` ${dnsTypeName(type)}`;
  switch (data.kind) {
    case "A":
      return `${name} ${formatIpv4(data.address)}`;
    case "AAAA":
      return `${name} ${formatIpv6(data.address)}`;
    case "CNAME":
    case "NS":
    case "PTR":
      return `${name} ${plain(data.name)}`;
    case "SRV":
      return `${name} ${data.priority} ${data.weight} ${data.port} ${plain(data.target)}`;
    case "MX":
      return `${name} ${data.preference} ${plain(data.name)}`;
    case "SOA":
      return `${name} ${plain(data.primary)}`;
    default:
      return name;
  }
}

function words(m: DnsMessage): string {
  const asked = m.questions.map(({ name, type }) => ` ${dnsTypeName(type)} ${plain(name)}`).join("");
  const told = [...m.answers, ...m.authorities, ...m.additionals].map(recordText).join("");
  const id = `0x${m.id.toString(16).padStart(4, "0")}`;
  if (!m.response) return `Standard query ${id}${asked}${told}`;
  const fault = m.rcode === 0 ? "" : ` ${RCODES[m.rcode] ?? `Unknown code ${m.rcode}`}`;
  return `Standard query response ${id}${fault}${asked}${told}`;
}

/** A DNS message in one line. */
export function dnsInfo(bytes: Uint8Array): string {
  const read = decodeDns(bytes, 0, bytes.length);
  return read.ok ? words(read.value) : "DNS";
}
