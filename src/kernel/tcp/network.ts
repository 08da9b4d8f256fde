import type { IpAddress } from "../../wire/ip-address.ts";
import type { NetDevice, XmitResult } from "../device/device.ts";
import type { Skb } from "../skb.ts";
import type { Errno } from "../uapi/index.ts";

/**
 * What TCP needs of the network layer below it. There is one per namespace and family (`network4.ts` for IPv4); the state
 * machine knows nothing else of IP. Models: struct inet_connection_sock_af_ops, struct tcp_request_sock_ops.
 */
export interface TcpNetwork {
  readonly family: "inet" | "inet6";
  /** Bytes of the network header without options: 20 or 40. */
  readonly headerLength: number;
  /** The address that stands for all: 0.0.0.0 or ::. */
  readonly any: IpAddress;
  /** Least MTU that path MTU discovery may teach. */
  readonly leastMtu: number;

  /** Addresses of a received packet, whose network header is at `skb.net`. */
  source(skb: Skb): IpAddress;
  destination(skb: Skb): IpAddress;
  /** False for what came to, or from, a group or broadcast address: no connection begins with it. */
  isUnicast(skb: Skb): boolean;
  /** Of the segment from `skb.data` to `skb.end`, with the pseudo header. */
  checksumOk(skb: Skb): boolean;
  /** May a socket be bound to it? */
  isLocal(address: IpAddress): boolean;
  /** True for the addresses that connect(2) refuses: groups and broadcasts. */
  isGroup(address: IpAddress): boolean;
  /** The way to `dst`, looked up anew: a route of a moment ago may be gone. */
  route(key: TcpRouteKey): TcpRoute | Errno;
}

export interface TcpRouteKey {
  readonly dst: IpAddress;
  /** Absent: the route chooses it. */
  readonly src: IpAddress | undefined;
  /** SO_BINDTODEVICE, or the device a reset goes back by. */
  readonly device: NetDevice | undefined;
  readonly mark: number;
  readonly tos: number;
  readonly sport: number;
  readonly dport: number;
}

/** Fields of the network header that TCP decides. */
export interface TcpPacket {
  readonly ttl: number | undefined;
  readonly tos: number;
  readonly dontFragment: boolean;
}

/** A way to one peer, good for the moment. */
export interface TcpRoute {
  readonly source: IpAddress;
  /** 0.0.0.0 as the destination means the source: this is what it became. */
  readonly destination: IpAddress;
  /** Largest packet that goes unfragmented, network header included: the route's, a learnt one, or the device's. */
  readonly mtu: number;
  /** The route's `advmss`, or what follows from the MTU: the MSS to announce, without options. */
  readonly advmss: number;
  /** The packet stays on this host. */
  readonly isLocal: boolean;
  readonly dev: NetDevice;
  /**
   * Sends the segment from `skb.data` (its TCP header, checksum not yet set) to `skb.end`; the skb is gone afterwards.
   */
  send(skb: Skb, packet: TcpPacket): XmitResult;
  /** The neighbour on the way was proven alive by an acknowledgement. Models: sk_dst_confirm. */
  confirm(): void;
}
