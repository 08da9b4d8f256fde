import { ipv4 } from "../../wire/address.ts";
import type { NftElement, NftPart, NftScalar } from "../../kernel/uapi/nft.ts";

/** A stretch of numbers that one part covers; undefined for types whose values are no plain numbers. */
function stretch(part: NftPart): { low: number; high: number } | undefined {
  const scalar = part.kind === "range" ? part.low : part.value;
  if (typeof scalar.value !== "number") return undefined;
  if (part.kind === "value") return { low: scalar.value, high: scalar.value };
  if (part.kind === "range")
    return typeof part.high.value === "number" ? { low: scalar.value, high: part.high.value } : undefined;
  const host = part.length === 0 ? 0xffffffff : part.length >= 32 ? 0 : 0xffffffff >>> part.length;
  return { low: ipv4(scalar.value & ~host), high: ipv4(scalar.value | host) };
}

/** A range back as a part: one value, a prefix where it is one, or a range. */
function partOf(like: NftScalar, low: number, high: number): NftPart {
  const { type } = like;
  if (low === high) return { kind: "value", value: { type, value: low } };
  if (type === "ipv4_addr") {
    const size = high - low + 1;
    const bits = Math.log2(size);
    if (Number.isInteger(bits) && low % size === 0)
      return { kind: "prefix", value: { type, value: low }, length: 32 - bits };
  }
  return { kind: "range", low: { type, value: low }, high: { type, value: high } };
}

/** The same value twice is there once. */
function distinct(elements: readonly NftElement[]): readonly NftElement[] {
  return [...new Map(elements.map((element) => [JSON.stringify(element.key), element])).values()];
}

/** Elements that touch or overlap become one, as nft makes them in a rule's own set. Single values stay as they are. */
export function mergeIntervals(elements: readonly NftElement[]): readonly NftElement[] {
  const ranged = elements.some((e) => e.key.length === 1 && e.key[0]!.kind !== "value");
  if (elements.some((e) => e.data !== undefined)) return elements;
  if (!ranged || elements.some((e) => e.key.length !== 1)) return distinct(elements);
  const parts = elements.map((e) => ({ part: e.key[0]!, at: stretch(e.key[0]!) }));
  const numbered = parts.flatMap(({ part, at }) => (at === undefined ? [] : [{ part, ...at }]));
  if (numbered.length !== parts.length) return elements;
  numbered.sort((a, b) => a.low - b.low || a.high - b.high);
  const out: { part: NftPart; low: number; high: number }[] = [];
  for (const next of numbered) {
    const last = out.at(-1);
    if (last === undefined || next.low > last.high + 1) out.push({ ...next });
    else if (next.high > last.high || last.part.kind === "value") {
      const scalar = last.part.kind === "range" ? last.part.low : last.part.value;
      last.high = Math.max(last.high, next.high);
      last.part = partOf(scalar, last.low, last.high);
    }
  }
  return out.map(({ part }) => ({ key: [part] }));
}
