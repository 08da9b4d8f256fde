import type { Signal } from "../../sim/task.ts";
import type { Nanos } from "../../sim/time.ts";
import type { Ipv4 } from "../../wire/address.ts";
import type { Ipv6 } from "../../wire/address6.ts";
import type { IpAddress } from "../../wire/ip-address.ts";
import type { Errno, IfIndex, KernelResult, NetnsId } from "./types.ts";

/** An address and a UDP or TCP port; port 0 lets the kernel choose. Datagram sockets are of one family: `A`. */
export interface Endpoint<A = Ipv4> {
  readonly address: A;
  readonly port: number;
  /** sin6_scope_id: the link that a link-local IPv6 address is on. */
  readonly scope?: IfIndex;
}

/**
 * One received datagram. For a raw IPv4 socket `bytes` begins with the IPv4 header, as in raw(7); for a raw IPv6 socket
 * with the ICMPv6 header, as RFC 3542 has it.
 */
export interface Datagram<A = Ipv4> {
  readonly bytes: Uint8Array;
  readonly from: Endpoint<A>;
  readonly to: A;
  /** Device that it came in by. */
  readonly dev: IfIndex;
  /** TTL, or hop limit. */
  readonly ttl: number;
  readonly time: Nanos;
}

/** An entry of the error queue (IP_RECVERR, ip(7)): an ICMP error, or a local one such as EMSGSIZE. */
export interface SocketError<A = Ipv4> {
  readonly errno: Errno;
  readonly origin: "local" | "icmp";
  readonly type: number;
  readonly code: number;
  /** ee_info: the MTU for EMSGSIZE. */
  readonly info: number;
  /** Who sent the ICMP error. */
  readonly offender?: A;
  /** IP_RECVTTL: what was left of the TTL of the ICMP error. */
  readonly ttl?: number;
  /** Where the packet in question was going. */
  readonly to: Endpoint<A>;
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
  /** UDP_ENCAP with UDP_ENCAP_ESPINUDP: ESP in UDP goes to the kernel's IPsec, IKE behind four zero bytes to the socket. */
  readonly espInUdp?: boolean;
  /** IPV6_V6ONLY. */
  readonly v6Only?: boolean;
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
export interface DatagramSocket<A = Ipv4> {
  readonly kind: "udp" | "icmp";
  /** Fires when a datagram or an error arrives, and when the socket is closed. */
  readonly readable: Signal;
  readonly closed: boolean;
  setOptions(options: SocketOptions): KernelResult<void>;
  bind(local: Endpoint<A>): KernelResult<void>;
  connect(remote: Endpoint<A>): KernelResult<void>;
  /** `to` may be absent on a connected socket. For a raw ICMP socket `bytes` begins with the ICMP header; its checksum is the sender's. */
  send(bytes: Uint8Array, to?: Endpoint<A>, options?: SendOptions): KernelResult<void>;
  /** The next datagram; undefined when there is none; a pending socket error (without receiveErrors) fails. */
  receive(): KernelResult<Datagram<A> | undefined>;
  /** The next entry of the error queue. */
  receiveError(): SocketError<A> | undefined;
  local(): Endpoint<A>;
  remote(): Endpoint<A> | undefined;
  close(): void;
}

/** An address of either family and a TCP port. */
export interface StreamEndpoint {
  readonly address: IpAddress;
  readonly port: number;
  /** sin6_scope_id: the link that a link-local address is on. */
  readonly scope?: IfIndex;
}

/** RFC 9293, section 3.3.2, and NEW-SYN-RECV, a listener's half-open connection. */
export type TcpState =
  | "CLOSED"
  | "LISTEN"
  | "SYN-SENT"
  | "SYN-RECEIVED"
  | "ESTABLISHED"
  | "FIN-WAIT-1"
  | "FIN-WAIT-2"
  | "CLOSE-WAIT"
  | "CLOSING"
  | "LAST-ACK"
  | "TIME-WAIT";

/** Options of a stream socket, socket(7) and tcp(7); what is absent keeps its value. A listener's are inherited. */
export interface StreamOptions {
  readonly ttl?: number;
  readonly tos?: number;
  /** SO_BINDTODEVICE. */
  readonly device?: IfIndex;
  /** SO_MARK. */
  readonly mark?: number;
  readonly reuseAddress?: boolean;
  readonly reusePort?: boolean;
  /** SO_KEEPALIVE. */
  readonly keepAlive?: boolean;
  /** TCP_NODELAY. */
  readonly noDelay?: boolean;
  /** TCP_MAXSEG, before the handshake. */
  readonly maxSegment?: number;
  readonly mtuDiscover?: "want" | "do" | "dont" | "probe" | "interface" | "omit";
  /** SO_RCVBUF and SO_SNDBUF in bytes of data. */
  readonly receiveBuffer?: number;
  readonly sendBuffer?: number;
  /** SO_LINGER with time 0: close(2) resets. */
  readonly lingerZero?: boolean;
  /** IPV6_V6ONLY. */
  readonly v6Only?: boolean;
}

/**
 * A TCP socket, tcp(7): a connection, or a listener. Calls never block: a connection is under way when `connect` has
 * answered, and `writable` fires when it stands or has failed (then `takeError` says why).
 */
export interface StreamSocket {
  readonly kind: "tcp";
  /** Fires when there is data, an end, an error, or a connection to accept, and when the socket is closed. */
  readonly readable: Signal;
  /** Fires when the connection stands, when there is room to send again, and on errors. */
  readonly writable: Signal;
  readonly state: TcpState;
  /** close(2) was called. */
  readonly closed: boolean;
  setOptions(options: StreamOptions): KernelResult<void>;
  bind(local: StreamEndpoint): KernelResult<void>;
  /** `backlog` is capped by net.core.somaxconn. */
  listen(backlog: number): KernelResult<void>;
  /** The next established connection; undefined when there is none. */
  accept(owner?: string): KernelResult<StreamSocket | undefined>;
  /** Begins the handshake. */
  connect(remote: StreamEndpoint): KernelResult<void>;
  /** Answers how many bytes were taken; 0 when the buffer is full: wait for `writable`. */
  send(bytes: Uint8Array): KernelResult<number>;
  /** At most `max` bytes; undefined when there is nothing yet; null at the end of the stream. */
  receive(max?: number): KernelResult<Uint8Array | undefined | null>;
  /** Would `receive` answer something other than undefined? */
  readonly hasInput: boolean;
  /** SO_ERROR: the pending error, which is gone afterwards. */
  takeError(): Errno | undefined;
  shutdown(how: "read" | "write" | "both"): KernelResult<void>;
  /** The kernel goes on alone with what is left to send. */
  close(): void;
  local(): StreamEndpoint;
  remote(): StreamEndpoint | undefined;
  /** SO_ORIGINAL_DST: where the peer meant to go before DNAT; ENOENT where no connection is tracked. IPv4 only. */
  originalDestination(): KernelResult<StreamEndpoint>;
  info(): TcpInfo;
}

/** A timer of a socket as `ss -o` shows it; `left` in virtual nanoseconds. */
export interface SocketTimer {
  readonly name: "on" | "keepalive" | "timewait" | "persist";
  readonly left: Nanos;
  readonly retransmits: number;
}

/** TCP_INFO as far as it is kept. Times in virtual nanoseconds. */
export interface TcpInfo {
  readonly mss: number;
  readonly pathMtu: number;
  readonly receiveMss: number;
  readonly advertisedMss: number;
  readonly congestionWindow: number;
  readonly slowStartThreshold: number | undefined;
  readonly rtt: Nanos;
  readonly rttVariance: Nanos;
  readonly rto: Nanos;
  readonly backoff: number;
  readonly unacked: number;
  readonly retransmitted: number;
  readonly timestamps: boolean;
  readonly sack: boolean;
  readonly sendScale: number;
  readonly receiveScale: number;
  readonly bytesSent: number;
  readonly bytesAcked: number;
  readonly bytesReceived: number;
}

/** A row of `ss`/`netstat`: an open socket. */
export interface SocketInfo {
  readonly kind: "udp" | "icmp" | "tcp" | "tcp-listen";
  /** An IPv6 socket that hears no IPv4. */
  readonly v6Only?: boolean;
  readonly local: StreamEndpoint;
  readonly remote?: StreamEndpoint;
  readonly state: string;
  /** Empty for what no process holds any more. */
  readonly owner: string;
  /** Bytes that wait to be read; of a listener, connections that wait to be accepted. */
  readonly receiveQueue: number;
  /** Bytes that are not acknowledged; of a listener, its backlog. */
  readonly sendQueue: number;
  readonly timer?: SocketTimer;
  readonly mark?: number;
  readonly device?: IfIndex;
  readonly tcp?: TcpInfo;
}

export interface SocketApi {
  /** An unconnected stream socket of one family; "inet" unless told. */
  tcp(owner: string, family?: "inet" | "inet6"): StreamSocket;
  udp(owner: string): DatagramSocket;
  /** Raw ICMP. `accept` is ICMP_FILTER turned round: which ICMP types are delivered. */
  icmp(owner: string, accept: (type: number) => boolean): DatagramSocket;
  /** UDP over IPv6; bound to `::` it hears IPv4 too, from ::ffff:0:0/96, unless `v6Only`. */
  udp6(owner: string): DatagramSocket<Ipv6>;
  /** Raw ICMPv6; the kernel makes the checksum (RFC 3542, section 3.1). */
  icmp6(owner: string, accept: (type: number) => boolean): DatagramSocket<Ipv6>;
  list(): readonly SocketInfo[];
  /** SOCK_DESTROY: ends a TCP socket of the list, whoever holds it; its other end hears of it. */
  destroy(socket: SocketInfo): KernelResult<void>;
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
