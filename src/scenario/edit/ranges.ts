import { IPv4CidrRange } from "ip-num";

/** What is wrong with a range that a person typed: a closed set. */
export type RangeProblem =
  | { readonly kind: "syntax" | "length" | "octet" }
  /** Bits behind the prefix are set; `suggestion` has them cleared. */
  | { readonly kind: "host-bits"; readonly suggestion: string };

function parse(text: string): IPv4CidrRange | undefined {
  try {
    return IPv4CidrRange.fromCidr(text);
  } catch {
    return undefined;
  }
}

export function rangeProblem(text: string): RangeProblem | undefined {
  const parts = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(text.trim());
  if (parts === null) return { kind: "syntax" };
  if (parts.slice(1, 5).some((octet) => Number(octet) > 255)) return { kind: "octet" };
  if (Number(parts[5]) > 32) return { kind: "length" };
  const range = parse(text.trim());
  if (range === undefined) return { kind: "syntax" };
  const suggestion = `${range.getFirst().toString()}/${parts[5] ?? ""}`;
  return suggestion === text.trim() ? undefined : { kind: "host-bits", suggestion };
}

export interface NamedRange {
  readonly what: string;
  readonly cidr: string;
}

export interface Overlap {
  readonly a: NamedRange;
  readonly b: NamedRange;
  /** Addresses that belong to both. */
  readonly first: string;
  readonly last: string;
  readonly size: bigint;
}

/** Every pair of ranges that share addresses. */
export function overlaps(ranges: readonly NamedRange[]): readonly Overlap[] {
  return ranges.flatMap((a, i) =>
    ranges.slice(i + 1).flatMap((b): Overlap[] => {
      const [one, other] = [parse(a.cidr), parse(b.cidr)];
      if (one === undefined || other === undefined) return [];
      const from = one.getFirst().isGreaterThan(other.getFirst()) ? one.getFirst() : other.getFirst();
      const to = one.getLast().isLessThan(other.getLast()) ? one.getLast() : other.getLast();
      if (from.isGreaterThan(to)) return [];
      const size = to.getValue() - from.getValue() + 1n;
      return [{ a, b, first: from.toString(), last: to.toString(), size }];
    }),
  );
}

/** The nearest range of the same length that shares no address with the others; undefined when there is none in 10.0.0.0/8. */
export function freeRange(length: number, others: readonly string[]): string | undefined {
  const step = 2 ** (32 - Math.max(9, length));
  const taken = others.flatMap((cidr) => parse(cidr) ?? []);
  for (let at = 10 * 2 ** 24; at < 11 * 2 ** 24; at += step) {
    const address = [24, 16, 8, 0].map((shift) => Math.floor(at / 2 ** shift) % 256).join(".");
    const range = parse(`${address}/${length}`);
    if (range === undefined) return undefined;
    const meets = (other: IPv4CidrRange): boolean =>
      !range.getLast().isLessThan(other.getFirst()) && !other.getLast().isLessThan(range.getFirst());
    if (!taken.some(meets)) return `${address}/${length}`;
  }
  return undefined;
}
