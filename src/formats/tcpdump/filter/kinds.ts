/**
 * Which kinds of packets a part of a filter can match, so that a filter which can match none is refused as libpcap's
 * optimiser does. A kind is a network protocol, and for IP the protocol inside.
 */
export interface Kinds {
  readonly set: Uint8Array;
  /** Nothing but the kind decides: the opposite is known as well. */
  readonly exact: boolean;
}

const OTHERS = 512;
const PLACES: Readonly<Record<number, number>> = { 0x0806: 0, 0x8035: 1, 0x8100: 2 };
const SIZE = OTHERS + 4;

export const ANY_KIND: Kinds = { set: new Uint8Array(SIZE).fill(1), exact: false };
export const ALWAYS: Kinds = { set: new Uint8Array(SIZE).fill(1), exact: true };
export const NEVER: Kinds = { set: new Uint8Array(SIZE), exact: true };

/** Packets of one network protocol; of IP, those with `protocol` inside when it is given. */
export function kindOf(type: number, protocol?: number): Kinds {
  const set = new Uint8Array(SIZE);
  const version = type === 0x0800 ? 0 : type === 0x86dd ? 256 : undefined;
  if (version === undefined) set[OTHERS + (PLACES[type] ?? 3)] = 1;
  else if (protocol === undefined) set.fill(1, version, version + 256);
  else set[version + protocol] = 1;
  return { set, exact: version !== undefined || PLACES[type] !== undefined };
}

export function both(a: Kinds, b: Kinds): Kinds {
  return { set: a.set.map((v, i) => v & b.set[i]!), exact: a.exact && b.exact };
}

export function either(a: Kinds, b: Kinds): Kinds {
  return { set: a.set.map((v, i) => v | b.set[i]!), exact: a.exact && b.exact };
}

export function opposite(a: Kinds): Kinds {
  return a.exact ? { set: a.set.map((v) => 1 - v), exact: true } : ANY_KIND;
}

/** More conditions come with the kind. */
export function among(a: Kinds): Kinds {
  return { set: a.set, exact: false };
}

export function isEmpty(a: Kinds): boolean {
  return a.set.every((v) => v === 0);
}
