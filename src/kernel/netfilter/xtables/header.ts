import type { Ipv4 } from "../../../wire/address.ts";
import type { Ipv6 } from "../../../wire/address6.ts";
import type { XtAddress, XtAddressRange, XtInterface, XtRule } from "../../uapi/index.ts";
import type { NetDevice } from "../../device/device.ts";
import type { PacketView } from "./view.ts";

/** Whether a packet is one of those that a match means. */
export type Matcher = (v: PacketView) => boolean;

export const SOURCE = 0;
export const DEST = 1;
export type Side = typeof SOURCE | typeof DEST;

/** The four words of an IPv6 address, signed. */
export function words(address: Ipv6): readonly [number, number, number, number] {
  const word = (i: number): number => (address[i]! << 16) | address[i + 1]! | 0;
  return [word(0), word(2), word(4), word(6)];
}

/** The address of one family, or null where the rule holds one of the other. */
export function v4Of(address: Ipv4 | Ipv6): number | null {
  return typeof address === "number" ? address : null;
}

/** `-s`, `-d`: address under a mask, which need not be a prefix. */
export function addressMatcher(spec: XtAddress, side: Side): Matcher {
  const { address, mask, invert = false } = spec;
  if (typeof address === "number" || typeof mask === "number") {
    const a = typeof address === "number" ? address : 0;
    const m = typeof mask === "number" ? mask : 0;
    return side === SOURCE
      ? (v) => (((v.src ^ a) & m) === 0) !== invert
      : (v) => (((v.dst ^ a) & m) === 0) !== invert;
  }
  const [a0, a1, a2, a3] = words(address);
  const [m0, m1, m2, m3] = words(mask);
  return side === SOURCE
    ? (v) =>
        ((((v.src0 ^ a0) & m0) | ((v.src1 ^ a1) & m1) | ((v.src2 ^ a2) & m2) | ((v.src ^ a3) & m3)) === 0) !==
        invert
    : (v) =>
        ((((v.dst0 ^ a0) & m0) | ((v.dst1 ^ a1) & m1) | ((v.dst2 ^ a2) & m2) | ((v.dst ^ a3) & m3)) === 0) !==
        invert;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < 4; i++) {
    const difference = (a[i]! >>> 0) - (b[i]! >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `-m iprange`: from one address to another, both included. */
export function rangeMatcher(spec: XtAddressRange, side: Side): Matcher {
  const { min, max, invert = false } = spec;
  if (typeof min === "number" || typeof max === "number") {
    const low = typeof min === "number" ? min : 0;
    const high = typeof max === "number" ? max : 0;
    return side === SOURCE
      ? (v) => (v.src >= low && v.src <= high) !== invert
      : (v) => (v.dst >= low && v.dst <= high) !== invert;
  }
  const low = words(min);
  const high = words(max);
  const here = [0, 0, 0, 0];
  return (v) => {
    here[0] = side === SOURCE ? v.src0 : v.dst0;
    here[1] = side === SOURCE ? v.src1 : v.dst1;
    here[2] = side === SOURCE ? v.src2 : v.dst2;
    here[3] = side === SOURCE ? v.src : v.dst;
    return (compare(here, low) >= 0 && compare(here, high) <= 0) !== invert;
  };
}

/** Whether a device has the name that a rule gives; no device has no name. */
export function namedLike(spec: XtInterface): (dev: NetDevice | null) => boolean {
  const { name, wildcard } = spec;
  if (!wildcard) return (dev) => dev !== null && dev.name === name;
  return (dev) => (dev === null ? name === "" : dev.name.startsWith(name));
}

/** The part of a rule that every rule can have: addresses, interfaces, protocol, fragment. In the order of the kernel's expressions. */
export function headerMatchers(rule: XtRule): Matcher[] {
  const all: Matcher[] = [];
  if (rule.in !== undefined) {
    const like = namedLike(rule.in);
    const { invert = false } = rule.in;
    all.push((v) => like(v.state.in) !== invert);
  }
  if (rule.out !== undefined) {
    const like = namedLike(rule.out);
    const { invert = false } = rule.out;
    all.push((v) => like(v.state.out) !== invert);
  }
  if (rule.protocol !== undefined && rule.protocol.number !== 0) {
    const { number, invert = false } = rule.protocol;
    all.push((v) => (v.protocol === number) !== invert);
  }
  if (rule.source !== undefined) all.push(addressMatcher(rule.source, SOURCE));
  if (rule.dest !== undefined) all.push(addressMatcher(rule.dest, DEST));
  if (rule.fragment !== undefined) {
    const { invert = false } = rule.fragment;
    all.push((v) => v.fragment !== invert);
  }
  return all;
}
