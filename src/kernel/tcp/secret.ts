import type { IpAddress } from "../../wire/ip-address.ts";
import type { Nanos } from "../../sim/time.ts";
import { advance } from "./sequence.ts";

/** Two ends of a connection. */
export interface Ends {
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress | undefined;
  readonly remotePort: number;
}

/** What the initial sequence number grows by: one every 64 ns. */
const TICK = 64;

function mix(hash: number, value: number): number {
  const h = Math.imul(hash ^ value, 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}

function mixAddress(hash: number, address: IpAddress): number {
  if (typeof address === "number") return mix(hash, address);
  let h = hash;
  for (const group of address) h = mix(h, group);
  return h;
}

function hashOf(secret: number, ends: Ends): number {
  let h = mixAddress(secret, ends.localAddress);
  if (ends.remoteAddress !== undefined) h = mixAddress(h, ends.remoteAddress);
  h = mix(h, ends.localPort * 65_536 + ends.remotePort);
  return mix(h, 0x27d4eb2f);
}

/**
 * Where sequence numbers begin: anywhere, but later connections of the same two ends begin higher, so that a SYN is known
 * to be new by an end in TIME-WAIT (RFC 6528). Models: secure_tcp_seq.
 */
export function initialSequence(secret: number, ends: Ends, now: Nanos): number {
  return advance(hashOf(secret, ends), Math.floor(now / TICK) % 0x1_0000_0000);
}

/** Where timestamps begin, the same for every connection of these ends. Models: secure_tcp_ts_off. */
export function timestampOffset(secret: number, ends: Ends): number {
  return mix(hashOf(secret, ends), 0x165667b1);
}
