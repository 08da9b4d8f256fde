import { utf8Encode } from "../../../base/utf8.ts";
import { parseIpv4 } from "../../../wire/address.ts";
import { formatIpv6, parseIpv6 } from "../../../wire/address6.ts";
import { bytesOf, filterField, type FilterType } from "./filter-fields.ts";
import type { Filter, Operand, Relation } from "./filter-parse.ts";
import type { Packet } from "./packet.ts";

/**
 * Whether a packet passes a filter. As in Wireshark, a field that occurs several times is tested one by one and one
 * success is enough; `!=` wants all of them to differ, and the field to be there.
 */
export function passes(filter: Filter | undefined, packet: Packet): boolean {
  if (filter === undefined) return true;
  switch (filter.kind) {
    case "and":
      return passes(filter.left, packet) && passes(filter.right, packet);
    case "or":
      return passes(filter.left, packet) || passes(filter.right, packet);
    case "not":
      return !passes(filter.of, packet);
    case "present":
      return (filterField(filter.field)?.read(packet).length ?? 0) > 0;
    case "test":
      return holds(filter, packet);
  }
}

function holds({ field, relation, operands }: Extract<Filter, { kind: "test" }>, packet: Packet): boolean {
  const known = filterField(field);
  if (known === undefined) return false;
  if (known.type === "protocol") {
    const wanted = utf8Encode(operands[0]?.text ?? "");
    return bytesOf(packet, field).some((bytes) => contains(bytes, wanted));
  }
  const values = known.read(packet);
  const test = (value: string): boolean =>
    operands.some((operand) => compare(known.type, relation, value, operand));
  return relation === "!=" ? values.length > 0 && values.every(test) : values.some(test);
}

function contains(bytes: Uint8Array, wanted: Uint8Array): boolean {
  for (let at = 0; at + wanted.length <= bytes.length; at++)
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return true;
  return false;
}

function compare(type: FilterType, relation: Relation, value: string, { text, until }: Operand): boolean {
  if (relation === "contains") return value.includes(text);
  if (until !== undefined) return Number(value) >= Number(text) && Number(value) <= Number(until);
  const order = orderOf(type, value, text);
  switch (relation) {
    case "==":
    case "in":
      return order === 0;
    case "!=":
      return order !== 0;
    case ">":
      return order > 0;
    case "<":
      return order < 0;
    case ">=":
      return order >= 0;
    case "<=":
      return order <= 0;
  }
}

/** Below, at or above 0: a value against what was written. A range of addresses equals everything in it. */
function orderOf(type: FilterType, value: string, text: string): number {
  switch (type) {
    case "number":
      return Number(value) - Number(text);
    case "flag":
      return Number(value) - (/^(?:1|true)$/i.test(text) ? 1 : 0);
    case "ipv4": {
      const [address = "", length = "32"] = text.split("/");
      const size = 2 ** (32 - Number(length));
      return Math.floor((parseIpv4(value) ?? 0) / size) - Math.floor((parseIpv4(address) ?? 0) / size);
    }
    case "ipv6": {
      const wanted = parseIpv6(text);
      return wanted !== undefined && formatIpv6(wanted) === value ? 0 : value < text ? -1 : 1;
    }
    case "mac":
      return order(value.toLowerCase(), text.toLowerCase().replaceAll("-", ":"));
    default:
      return order(value, text);
  }
}

function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
