import { getU16, getU32, setU32 } from "../base/bytes.ts";
import type { BgpAttribute } from "./bgp.ts";
import { type Ipv4, ipv4 } from "./address.ts";

/** The path attributes of BGP: RFC 4271 section 5, communities (1997), route reflection (4456). */

export const BGP_ATTR = {
  origin: 1,
  asPath: 2,
  nextHop: 3,
  med: 4,
  localPref: 5,
  communities: 8,
  originatorId: 9,
  clusterList: 10,
} as const;

export type BgpOrigin = "igp" | "egp" | "incomplete";
const ORIGINS: readonly BgpOrigin[] = ["igp", "egp", "incomplete"];

/** What an UPDATE says about the prefixes that it brings. */
export interface BgpPath {
  readonly origin: BgpOrigin;
  /** The sequence of AS numbers, the nearest first. Sets are read as their members. */
  readonly asPath: readonly number[];
  readonly nextHop: Ipv4;
  readonly med?: number;
  readonly localPref?: number;
  /** Each as two 16-bit halves in one number. */
  readonly communities: readonly number[];
  readonly originatorId?: Ipv4;
  readonly clusterList: readonly Ipv4[];
}

function words(data: Uint8Array): number[] {
  const out: number[] = [];
  for (let at = 0; at + 4 <= data.length; at += 4) out.push(getU32(data, at));
  return out;
}

/** AS_PATH with numbers of `width` bytes: 4 where both sides have said so (RFC 6793). */
function readAsPath(data: Uint8Array, width: 2 | 4): number[] | undefined {
  const out: number[] = [];
  for (let at = 0; at < data.length;) {
    if (at + 2 > data.length) return undefined;
    const end = at + 2 + data[at + 1]! * width;
    if (end > data.length) return undefined;
    for (let i = at + 2; i < end; i += width) out.push(width === 4 ? getU32(data, i) : getU16(data, i));
    at = end;
  }
  return out;
}

/** Undefined when a mandatory attribute is missing or one is malformed. */
export function readBgpPath(attributes: readonly BgpAttribute[], asWidth: 2 | 4): BgpPath | undefined {
  const data = (code: number): Uint8Array | undefined =>
    attributes.find((attribute) => attribute.code === code)?.data;
  const word = (code: number): number | undefined => {
    const bytes = data(code);
    return bytes?.length === 4 ? getU32(bytes, 0) : undefined;
  };
  const origin = ORIGINS[data(BGP_ATTR.origin)?.[0] ?? 255];
  const asPath = readAsPath(data(BGP_ATTR.asPath) ?? new Uint8Array([0]), asWidth);
  const nextHop = word(BGP_ATTR.nextHop);
  if (origin === undefined || asPath === undefined || nextHop === undefined) return undefined;
  const med = word(BGP_ATTR.med);
  const localPref = word(BGP_ATTR.localPref);
  const originatorId = word(BGP_ATTR.originatorId);
  return {
    origin,
    asPath,
    nextHop: ipv4(nextHop),
    ...(med !== undefined && { med }),
    ...(localPref !== undefined && { localPref }),
    communities: words(data(BGP_ATTR.communities) ?? new Uint8Array()),
    ...(originatorId !== undefined && { originatorId: ipv4(originatorId) }),
    clusterList: words(data(BGP_ATTR.clusterList) ?? new Uint8Array()).map(ipv4),
  };
}

const TRANSITIVE = 0x40;
const OPTIONAL = 0x80;

function wordBytes(values: readonly number[]): Uint8Array {
  const out = new Uint8Array(4 * values.length);
  values.forEach((value, i) => setU32(out, 4 * i, value));
  return out;
}

function asPathBytes(path: readonly number[], width: 2 | 4): Uint8Array {
  if (path.length === 0) return new Uint8Array();
  const numbers = path.flatMap((as) => (width === 4 ? [...wordBytes([as])] : [(as >> 8) & 255, as & 255]));
  return Uint8Array.from([2, path.length, ...numbers]);
}

/** The attributes in the order of their codes. */
export function writeBgpPath(path: BgpPath, asWidth: 2 | 4): readonly BgpAttribute[] {
  const attribute = (flags: number, code: number, data: Uint8Array): BgpAttribute => ({ flags, code, data });
  const optional = (flags: number, code: number, values: readonly (number | undefined)[]): BgpAttribute[] => {
    const present = values.filter((value) => value !== undefined);
    return present.length === 0 ? [] : [attribute(flags, code, wordBytes(present))];
  };
  return [
    attribute(TRANSITIVE, BGP_ATTR.origin, Uint8Array.from([ORIGINS.indexOf(path.origin)])),
    attribute(TRANSITIVE, BGP_ATTR.asPath, asPathBytes(path.asPath, asWidth)),
    attribute(TRANSITIVE, BGP_ATTR.nextHop, wordBytes([path.nextHop])),
    ...optional(OPTIONAL, BGP_ATTR.med, [path.med]),
    ...optional(TRANSITIVE, BGP_ATTR.localPref, [path.localPref]),
    ...optional(OPTIONAL | TRANSITIVE, BGP_ATTR.communities, path.communities),
    ...optional(OPTIONAL, BGP_ATTR.originatorId, [path.originatorId]),
    ...optional(OPTIONAL, BGP_ATTR.clusterList, path.clusterList),
  ];
}
