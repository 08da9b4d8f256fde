import type { Signal } from "../../sim/task.ts";
import type { Nanos } from "../../sim/time.ts";
import type { Ipv4 } from "../../wire/address.ts";
import type { Errno, IfIndex, KernelResult, NetnsId } from "./types.ts";

/** An address and a UDP or TCP port; port 0 lets the kernel choose. */
export interface Endpoint {
  readonly address: Ipv4;
  readonly port: number;
}

/** One received datagram. For a raw socket `bytes` begins with the IPv4 header, as in raw(7). */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly from: Endpoint;
  readonly to: Ipv4;
  /** Device that it came in by. */
  readonly dev: IfIndex;
  readonly ttl: number;
  readonly time: Nanos;
}

/** An entry of the error queue (IP_RECVERR, ip(7)): an ICMP error, or a local one such as EMSGSIZE. */
export interface SocketError {
  readonly errno: Errno;
  readonly origin: "local" | "icmp";
  readonly type: number;
  readonly code: number;
  /** ee_info: the MTU for EMSGSIZE. */
  readonly info: number;
  /** Who sent the ICMP error. */
  readonly offender?: Ipv4;
  /** Where the packet in question was going. */
  readonly to: Endpoint;
  /** Payload of the packet in question, as far as it was quoted. */
  readonly bytes: Uint8Array;
  readonly time: Nanos;
}

/** Options common to datagram sockets; what is absent keeps its default. */
export interface SocketOptions {
  /** IP_TTL; default sysctl net.ipv4.ip_default_ttl. */
  readonly ttl?: number;
  readonly tos?: number;
  /** SO_BROADCAST. */
  readonly broadcast?: boolean;
  /** SO_BINDTODEVICE. */
  readonly device?: IfIndex;
  /** SO_MARK. */
  readonly mark?: number;
  /** IP_MTU_DISCOVER: "want" is the default for UDP; raw sockets of ping use it too. */
  readonly mtuDiscover?: "want" | "do" | "dont" | "probe" | "interface" | "omit";
  /** IP_RECVERR: errors are queued and do not fail the next call. */
  readonly receiveErrors?: boolean;
  /** SO_REUSEADDR. */
  readonly reuseAddress?: boolean;
}

export interface SendOptions {
  /** MSG_CONFIRM: the neighbour is known to be alive. */
  readonly confirm?: boolean;
  /** As SocketOptions.ttl, for this datagram. */
  readonly ttl?: number;
}

/**
 * A UDP (udp(7)) or raw ICMP (raw(7), icmp(7)) socket. Calls never block: wait on `readable`, then call `receive`.
 */
export interface DatagramSocket {
  readonly kind: "udp" | "icmp";
  /** Fires when a datagram or an error arrives, and when the socket is closed. */
  readonly readable: Signal;
  readonly closed: boolean;
  setOptions(options: SocketOptions): KernelResult<void>;
  bind(local: Endpoint): KernelResult<void>;
  connect(remote: Endpoint): KernelResult<void>;
  /** `to` may be absent on a connected socket. For a raw ICMP socket `bytes` begins with the ICMP header; its checksum is the sender's. */
  send(bytes: Uint8Array, to?: Endpoint, options?: SendOptions): KernelResult<void>;
  /** The next datagram; undefined when there is none; a pending socket error (without receiveErrors) fails. */
  receive(): KernelResult<Datagram | undefined>;
  /** The next entry of the error queue. */
  receiveError(): SocketError | undefined;
  local(): Endpoint;
  remote(): Endpoint | undefined;
  close(): void;
}

/** A row of `ss`/`netstat`: an open socket. */
export interface SocketInfo {
  readonly kind: "udp" | "icmp" | "tcp" | "tcp-listen";
  readonly local: Endpoint;
  readonly remote?: Endpoint;
  readonly state: string;
  readonly owner: string;
  readonly receiveQueue: number;
  readonly sendQueue: number;
}

export interface SocketApi {
  udp(owner: string): DatagramSocket;
  /** Raw ICMP. `accept` is ICMP_FILTER turned round: which ICMP types are delivered. */
  icmp(owner: string, accept: (type: number) => boolean): DatagramSocket;
  list(): readonly SocketInfo[];
}

/** A frame as AF_PACKET shows it, packet(7). */
export interface CapturedFrame {
  readonly time: Nanos;
  readonly netns: NetnsId;
  readonly dev: IfIndex;
  readonly direction: "in" | "out";
  /** A copy, from the link-layer header. */
  readonly bytes: Uint8Array;
  /** Full length on the device, when payload is virtual. */
  readonly length: number;
}
