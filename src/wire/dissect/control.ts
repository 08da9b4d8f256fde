import { formatIpv4 } from "../address.ts";
import { formatIpv6 } from "../address6.ts";
import { internetChecksum } from "../checksum.ts";
import * as icmp from "../icmp.ts";
import * as icmp6 from "../icmpv6.ts";
import { IPPROTO_ICMPV6 } from "../ipv4.ts";
import { decodeNdiscOptions, encodeNdiscOptions, ndiscOptionText } from "../ndisc-options.ts";
import {
  bitNames,
  checksumText,
  cutShort,
  field,
  pseudoSum,
  type Dissector,
  type Field,
  type Layer,
  type Next,
  type Span,
} from "./layer.ts";

/** Dissectors of the control messages: ICMP and ICMPv6 with neighbour discovery. Errors show the packet they quote. */

/** A quoted packet as one field, its headers as parts. */
function quotedField(key: string, layers: readonly Layer[], from: number, to: number): Field {
  const parts = layers.map((layer) =>
    field(layer.protocol, layer.protocol, layer.summary, layer.offset, layer.length, layer.fields),
  );
  const inner = layers.find((layer) => layer.protocol !== "malformed")?.summary ?? "nothing readable";
  return field(`${key}.quoted`, "Quoted packet", inner, from, to - from, parts);
}

/** The second word of an ICMP message, by its type. */
function icmpWord(b: Uint8Array, o: number, type: number, code: number): Field[] {
  if (type === icmp.ICMP_ECHO || type === icmp.ICMP_ECHOREPLY) {
    return [
      field("icmp.id", "Identifier", icmp.icmpEchoId(b, o), o + 4, 2),
      field("icmp.sequence", "Sequence Number", icmp.icmpEchoSequence(b, o), o + 6, 2),
    ];
  }
  if (type === icmp.ICMP_DEST_UNREACH && code === icmp.ICMP_FRAG_NEEDED) {
    return [field("icmp.mtu", "MTU of next hop", icmp.icmpMtu(b, o), o + 6, 2)];
  }
  if (type === icmp.ICMP_REDIRECT) {
    return [field("icmp.gateway", "Gateway Address", formatIpv4(icmp.icmpGateway(b, o)), o + 4, 4)];
  }
  return [];
}

/** Data behind a message that quotes nothing. */
function data(from: number, to: number): { readonly next?: Next } {
  return from < to ? { next: { protocol: "payload", from, to } } : {};
}

export const dissectIcmp: Dissector = ({ b, from, to, partial, quote }) => {
  if (to - from < icmp.ICMP_HEADER) return cutShort("ICMP header", icmp.ICMP_HEADER, to - from);
  const type = icmp.icmpType(b, from);
  const code = icmp.icmpCode(b, from);
  const body = from + icmp.ICMP_HEADER;
  const isError = icmp.icmpIsError(type);
  const sum = checksumText(
    icmp.icmpChecksum(b, from),
    partial ? undefined : icmp.icmpChecksumOk(b, from, to),
  );
  const fields = [
    field("icmp.type", "Type", `${icmp.icmpTypeName(type)} (${type})`, from, 1),
    field("icmp.code", "Code", code, from + 1, 1),
    field("icmp.checksum", "Checksum", sum, from + 2, 2),
    ...icmpWord(b, from, type, code),
  ];
  if (isError && body < to) fields.push(quotedField("icmp", quote("ipv4", body), body, to));
  return {
    length: isError ? to - from : icmp.ICMP_HEADER,
    summary: icmp.icmpSummary(icmp.readIcmp(b, from, to)),
    fields,
    ...(isError ? {} : data(body, to)),
  };
};

const ADVERTISEMENT_FLAGS = [
  [icmp6.NDISC_ROUTER, "Router"],
  [icmp6.NDISC_SOLICITED, "Solicited"],
  [icmp6.NDISC_OVERRIDE, "Override"],
] as const;

/** Target and options of a solicitation or advertisement; undefined for every other message. */
function neighborFields({ b, from, to }: Span, type: number): Field[] | undefined {
  const advertises = type === icmp6.NDISC_NEIGHBOUR_ADVERTISEMENT;
  if ((!advertises && type !== icmp6.NDISC_NEIGHBOUR_SOLICITATION) || to - from < 24) return undefined;
  const fields: Field[] = [];
  if (advertises) {
    fields.push(field("icmpv6.nd_flags", "Flags", bitNames(b[from + 4]!, ADVERTISEMENT_FLAGS), from + 4, 1));
  }
  const target = formatIpv6(icmp6.ndiscTarget(b, from));
  fields.push(field("icmpv6.nd_target", "Target Address", target, from + 8, 16));
  const options = decodeNdiscOptions(b, from + 24, to);
  let at = from + 24;
  for (const option of options.ok ? options.value : []) {
    const length = encodeNdiscOptions([option]).length;
    fields.push(field("icmpv6.nd_option", "Option", ndiscOptionText(option), at, length));
    at += length;
  }
  return fields;
}

/** The second word of any other message, by its type. */
function icmpv6Word(b: Uint8Array, o: number, type: number): Field[] {
  if (type === icmp6.ICMPV6_ECHO_REQUEST || type === icmp6.ICMPV6_ECHO_REPLY) {
    return [
      field("icmpv6.id", "Identifier", icmp6.icmpv6EchoId(b, o), o + 4, 2),
      field("icmpv6.sequence", "Sequence Number", icmp6.icmpv6EchoSequence(b, o), o + 6, 2),
    ];
  }
  return type === icmp6.ICMPV6_PKT_TOOBIG
    ? [field("icmpv6.mtu", "MTU", icmp6.icmpv6Mtu(b, o), o + 4, 4)]
    : [];
}

export const dissectIcmpv6: Dissector = (s) => {
  const { b, from, to, addresses } = s;
  if (to - from < icmp6.ICMPV6_HEADER) return cutShort("ICMPv6 header", icmp6.ICMPV6_HEADER, to - from);
  const type = icmp6.icmpv6Type(b, from);
  const body = from + icmp6.ICMPV6_HEADER;
  const right =
    addresses && internetChecksum(b, from, to, pseudoSum(b, addresses, IPPROTO_ICMPV6, to - from)) === 0;
  const neighbor = neighborFields(s, type);
  const isError = icmp6.icmpv6IsError(type);
  const read = icmp6.decodeIcmpv6(b, from, to);
  const fields = [
    field("icmpv6.type", "Type", `${icmp6.icmpv6TypeName(type)} (${type})`, from, 1),
    field("icmpv6.code", "Code", icmp6.icmpv6Code(b, from), from + 1, 1),
    field("icmpv6.checksum", "Checksum", checksumText(icmp6.icmpv6Checksum(b, from), right), from + 2, 2),
    ...(neighbor ?? icmpv6Word(b, from, type)),
  ];
  if (isError && body < to) fields.push(quotedField("icmpv6", s.quote("ipv6", body), body, to));
  const whole = isError || neighbor !== undefined;
  return {
    length: whole ? to - from : icmp6.ICMPV6_HEADER,
    summary: read.ok
      ? icmp6.icmpv6Summary(read.value)
      : `ICMP6, ${icmp6.icmpv6TypeName(type)}, length ${to - from}`,
    fields,
    ...(whole ? {} : data(body, to)),
  };
};
