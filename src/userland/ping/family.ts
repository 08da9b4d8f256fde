import type { Endpoint, NetApi, SocketError } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { formatIpv4, type Ipv4, isMulticast } from "../../wire/address.ts";
import { formatIpv6, type Ipv6, isLinkLocal6, isMulticast6, sameIpv6 } from "../../wire/address6.ts";
import { ICMP_ECHO, ICMP_ECHOREPLY, icmpChecksumOk, setIcmpChecksum } from "../../wire/icmp.ts";
import { ICMPV6_ECHO_REPLY, ICMPV6_ECHO_REQUEST } from "../../wire/icmpv6.ts";
import { ipv4HeaderLength } from "../../wire/ipv4.ts";
import type { Process } from "../os/process.ts";
import { resolveAddress } from "../resolver/resolver.ts";
import { icmpErrorText } from "./icmp-text.ts";
import { icmpv6ErrorText } from "./icmpv6-text.ts";

/** What differs between pinging by IPv4 and by IPv6. Models: struct ping_func_set_st of iputils. */
export interface PingFamily<A> {
  readonly request: number;
  readonly reply: number;
  isGroup(address: A): boolean;
  same(a: A, b: A): boolean;
  text(net: NetApi, from: Endpoint<A>): string;
  reverse(process: Process, address: A): Task<string | undefined>;
  /** Where the ICMP header stands in a received packet. */
  header(bytes: Uint8Array): number;
  /** Makes the checksum, unless the kernel does. */
  seal(bytes: Uint8Array): void;
  intact(bytes: Uint8Array, at: number): boolean;
  errorText(error: SocketError<A>): string;
  tooLong(mtu: number): string;
}

export const PING4: PingFamily<Ipv4> = {
  request: ICMP_ECHO,
  reply: ICMP_ECHOREPLY,
  isGroup: isMulticast,
  same: (a, b) => a === b,
  text: (_, from) => formatIpv4(from.address),
  reverse: resolveAddress,
  header: (bytes) => ipv4HeaderLength(bytes, 0),
  seal: (bytes) => setIcmpChecksum(bytes, 0, bytes.length),
  intact: (bytes, at) => icmpChecksumOk(bytes, at, bytes.length),
  errorText: (error) => icmpErrorText(error.type, error.code, error.info),
  tooLong: (mtu) => `message too long, mtu=${mtu}`,
};

/** An address, with the device behind % when it means something there only. */
export function scopedText(net: NetApi, from: Endpoint<Ipv6>): string {
  const text = formatIpv6(from.address);
  const local = isLinkLocal6(from.address) || (isMulticast6(from.address) && (from.address[0]! & 15) <= 2);
  if (!local || from.scope === undefined) return text;
  return `${text}%${net.link.byIndex(from.scope)?.name ?? from.scope}`;
}

function* unnamed(): Task<undefined> {
  return undefined;
}

export const PING6: PingFamily<Ipv6> = {
  request: ICMPV6_ECHO_REQUEST,
  reply: ICMPV6_ECHO_REPLY,
  isGroup: isMulticast6,
  same: sameIpv6,
  text: scopedText,
  reverse: unnamed,
  header: () => 0,
  seal: () => undefined,
  intact: () => true,
  errorText: (error) => icmpv6ErrorText(error.type, error.code, error.info),
  tooLong: (mtu) => `message too long, mtu: ${mtu}`,
};
