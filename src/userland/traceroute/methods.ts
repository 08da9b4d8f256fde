import type { DatagramSocket, Errno, IfIndex, KernelError, SocketError } from "../../kernel/uapi/index.ts";
import { must } from "../../base/result.ts";
import type { Signal } from "../../sim/task.ts";
import { toSeconds } from "../../sim/time.ts";
import { IPV4_ANY } from "../../wire/address.ts";
import { IPV6_ANY } from "../../wire/address6.ts";
import {
  ICMP_ECHO,
  ICMP_ECHOREPLY,
  icmpEchoId,
  icmpEchoSequence,
  icmpType,
  setIcmpChecksum,
  writeIcmpEcho,
} from "../../wire/icmp.ts";
import { ICMPV6_ECHO_REPLY, ICMPV6_ECHO_REQUEST } from "../../wire/icmpv6.ts";
import { formatAddress, type IpAddress, isIpv4 } from "../../wire/ip-address.ts";
import { ipv4HeaderLength } from "../../wire/ipv4.ts";
import { strerror } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import type { TracerouteOptions } from "./options.ts";
import { applyIcmp, applyIcmpv6, type Probe } from "./probe.ts";

/** A call that ended the trace. */
export interface Fault {
  readonly call: string;
  readonly text: string;
}

/** How probes are made and told apart: traceroute's modules. */
export interface Method {
  /** The least size of a packet. */
  readonly leastLength: number;
  open(): Fault | undefined;
  /** Sends one probe; `sent` stays 0 when it could not leave now. */
  send(probe: Probe, ttl: number): Fault | undefined;
  /** Takes what came for the probes in flight; whether there was any. */
  collect(probes: readonly Probe[]): boolean;
  /** What fires when something comes. */
  readonly signals: readonly Signal[];
  close(): void;
}

/** A socket of either family; it is only told addresses of its own. */
type AnySocket = DatagramSocket<IpAddress>;

function fault(call: string, error: KernelError): Fault {
  return { call, text: strerror(error.errno) };
}

function payload(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => 0x40 + (i & 0x3f));
}

/** Bytes of the network header. */
export function headerOf(options: TracerouteOptions): number {
  return isIpv4(options.target) ? 20 : 40;
}

const MAY_PASS: readonly Errno[] = ["ENOBUFS", "EAGAIN"];

/** Options and addresses that both methods give their sockets. Models: tune_socket, bind_socket. */
function tune(socket: AnySocket, options: TracerouteOptions, device: IfIndex | undefined): Fault | undefined {
  socket.setOptions({
    receiveErrors: true,
    mtuDiscover: options.dontFragment ? "probe" : "dont",
    ...(options.tos !== undefined && { tos: options.tos }),
    ...(options.mark !== undefined && { mark: options.mark }),
    ...(device !== undefined && { device }),
  });
  if (options.source === undefined && options.sourcePort === undefined) return undefined;
  const bound = socket.bind({
    address: options.source ?? (isIpv4(options.target) ? IPV4_ANY : IPV6_ANY),
    port: options.sourcePort ?? 0,
  });
  return bound.ok ? undefined : fault("bind", bound.error);
}

function applyError(probe: Probe, error: SocketError<IpAddress>): void {
  probe.received = toSeconds(error.time);
  probe.done = true;
  if (error.origin === "local") {
    probe.final = true;
    if (error.errno === "EMSGSIZE") probe.mark = `!F-${error.info}`;
  } else {
    const apply = error.offender === undefined || isIpv4(error.offender) ? applyIcmp : applyIcmpv6;
    probe.from = error.offender === undefined ? undefined : formatAddress(error.offender);
    apply(probe, error.type, error.code, error.info);
  }
  probe.close();
}

/** Each probe has a socket of its own; the port counts up (`default`) or stays (`udp`). */
export class UdpMethod implements Method {
  readonly leastLength: number;
  private readonly process: Process;
  private readonly options: TracerouteOptions;
  private readonly device: IfIndex | undefined;
  private readonly sockets = new Map<Probe, AnySocket>();
  private readonly data: Uint8Array;
  private port: number;

  constructor(process: Process, options: TracerouteOptions, device: IfIndex | undefined, length: number) {
    this.process = process;
    this.options = options;
    this.device = device;
    this.leastLength = headerOf(options) + 8;
    this.data = payload(length - this.leastLength);
    this.port = options.port ?? (options.method === "default" ? 33434 : 53);
  }

  open(): Fault | undefined {
    return undefined;
  }

  get signals(): readonly Signal[] {
    return [...this.sockets.values()].map((socket) => socket.readable);
  }

  send(probe: Probe, ttl: number): Fault | undefined {
    const { socket: sockets } = this.process.net;
    const socket: AnySocket = isIpv4(this.options.target)
      ? sockets.udp("traceroute")
      : sockets.udp6("traceroute");
    const wrong = tune(socket, this.options, this.device);
    if (wrong !== undefined) return wrong;
    socket.setOptions({ ttl });
    const connected = socket.connect({ address: this.options.target, port: this.port });
    if (!connected.ok) return fault("connect", connected.error);
    const sent = socket.send(this.data);
    if (!sent.ok && MAY_PASS.includes(sent.error.errno)) {
      socket.close();
      return undefined;
    }
    if (!sent.ok && sent.error.errno !== "EMSGSIZE") return fault("send", sent.error);
    probe.sent = toSeconds(this.process.host.queue.now);
    probe.key = this.port;
    this.sockets.set(probe, socket);
    probe.close = () => {
      socket.close();
      this.sockets.delete(probe);
    };
    if (this.options.method === "default") this.port = (this.port + 1) & 0xffff;
    return undefined;
  }

  collect(): boolean {
    let any = false;
    for (const [probe, socket] of [...this.sockets]) {
      const error = socket.receiveError();
      if (error !== undefined) {
        applyError(probe, error);
        any = true;
      } else {
        const received = socket.receive();
        if (!received.ok || received.value === undefined) continue;
        probe.received = toSeconds(received.value.time);
        probe.from = formatAddress(received.value.from.address);
        probe.ttl = received.value.ttl;
        probe.done = probe.final = true;
        probe.close();
        any = true;
      }
    }
    return any;
  }

  close(): void {
    for (const socket of this.sockets.values()) socket.close();
  }
}

/** One raw socket for all; the sequence number tells them apart. */
export class IcmpMethod implements Method {
  readonly leastLength: number;
  private readonly process: Process;
  private readonly options: TracerouteOptions;
  private readonly device: IfIndex | undefined;
  private readonly data: Uint8Array;
  private readonly identifier: number;
  private socket: AnySocket | undefined;
  private sequence: number;

  constructor(process: Process, options: TracerouteOptions, device: IfIndex | undefined, length: number) {
    this.process = process;
    this.options = options;
    this.device = device;
    this.leastLength = headerOf(options) + 8;
    this.data = payload(length - headerOf(options));
    this.identifier = process.pid & 0xffff;
    this.sequence = options.port ?? 1;
  }

  open(): Fault | undefined {
    const { socket: sockets } = this.process.net;
    this.socket = isIpv4(this.options.target)
      ? sockets.icmp("traceroute", (type) => type === ICMP_ECHOREPLY)
      : sockets.icmp6("traceroute", (type) => type === ICMPV6_ECHO_REPLY);
    const wrong = tune(this.socket, this.options, this.device);
    if (wrong !== undefined) return wrong;
    const connected = this.socket.connect({ address: this.options.target, port: 0 });
    return connected.ok ? undefined : fault("connect", connected.error);
  }

  get signals(): readonly Signal[] {
    return this.socket === undefined ? [] : [this.socket.readable];
  }

  send(probe: Probe, ttl: number): Fault | undefined {
    const socket = must(this.socket, "open socket");
    const bytes = this.data.slice();
    const four = isIpv4(this.options.target);
    writeIcmpEcho(bytes, 0, four ? ICMP_ECHO : ICMPV6_ECHO_REQUEST, this.identifier, this.sequence);
    if (four) setIcmpChecksum(bytes, 0, bytes.length);
    const sent = socket.send(bytes, undefined, { ttl });
    if (!sent.ok && MAY_PASS.includes(sent.error.errno)) return undefined;
    if (!sent.ok && sent.error.errno !== "EMSGSIZE") return fault("send", sent.error);
    probe.sent = toSeconds(this.process.host.queue.now);
    probe.key = this.sequence;
    this.sequence = (this.sequence + 1) & 0xffff;
    return undefined;
  }

  collect(probes: readonly Probe[]): boolean {
    let any = false;
    const socket = must(this.socket, "open socket");
    const find = (bytes: Uint8Array, at: number): Probe | undefined =>
      bytes.length >= at + 8 && icmpEchoId(bytes, at) === this.identifier
        ? probes.find((probe) => probe.sent > 0 && !probe.done && probe.key === icmpEchoSequence(bytes, at))
        : undefined;
    for (let error = socket.receiveError(); error !== undefined; error = socket.receiveError()) {
      const probe = find(error.bytes, 0);
      if (probe === undefined) continue;
      applyError(probe, error);
      any = true;
    }
    for (;;) {
      const received = socket.receive();
      if (!received.ok || received.value === undefined) return any;
      const { bytes, time, from, ttl } = received.value;
      const four = isIpv4(from.address);
      const at = four ? ipv4HeaderLength(bytes, 0) : 0;
      const reply = four ? ICMP_ECHOREPLY : ICMPV6_ECHO_REPLY;
      const probe = icmpType(bytes, at) === reply ? find(bytes, at) : undefined;
      if (probe === undefined) continue;
      const who = formatAddress(from.address);
      Object.assign(probe, { received: toSeconds(time), from: who, ttl, done: true, final: true });
      any = true;
    }
  }

  close(): void {
    this.socket?.close();
  }
}
