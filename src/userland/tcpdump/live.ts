import { concat } from "../../base/bytes.ts";
import { LINKTYPE_ETHERNET, LINKTYPE_LINUX_SLL2, LINKTYPE_RAW } from "../../formats/tcpdump/print/packet.ts";
import type { CapturedFrame, IfIndex, LinkInfo } from "../../kernel/uapi/index.ts";
import { millis, type Nanos, nanos, NANOS_PER_SECOND } from "../../sim/time.ts";
import { Signal, type Task } from "../../sim/task.ts";
import { setU16, setU32 } from "../../base/bytes.ts";
import { fail } from "../args/exit.ts";
import type { Process } from "../os/process.ts";
import { EPOCH_SECONDS } from "../shell/specials.ts";
import type { TcpdumpOptions } from "./options.ts";
import type { TimedPacket } from "./printing.ts";

/** A capture on one device or on all: libpcap's pcap-linux.c. */

/** How often the ring's block is handed over: tcpdump asks for 100 ms when lines are wanted at once, else for a second. */
const FAST = millis(100);
const SLOW = millis(1000);

const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;
const ARPHRD_TUNNEL = 768;
const PACKET_OUTGOING = 4;

/** What a device's frames begin with; Ethernet of those that have a link header. */
function isRaw(link: LinkInfo): boolean {
  return link.linkType !== "ether" && link.linkType !== "loopback";
}

/** Devices as libpcap lists them: those that run in the order of their numbers, then `any`, then lo, then the rest. */
export function listedDevices(links: readonly LinkInfo[]): readonly (LinkInfo | "any")[] {
  const usable = links.filter((link) => link.up && link.lowerUp);
  return [
    ...usable.filter((link) => link.kind !== "loopback"),
    "any" as const,
    ...usable.filter((link) => link.kind === "loopback"),
    ...links.filter((link) => !usable.includes(link)),
  ];
}

export class LiveCapture {
  private readonly process: Process;
  private readonly options: TcpdumpOptions;
  readonly linkType: number;
  readonly device: string;
  private readonly link: LinkInfo | "any";
  private frames: CapturedFrame[] = [];
  private readonly arrived = new Signal();
  private readonly started: Nanos;
  private readonly interval: Nanos;
  private close: () => void = () => undefined;

  constructor(process: Process, options: TcpdumpOptions, device: string) {
    this.process = process;
    this.options = options;
    this.device = device;
    this.link = this.open(device);
    this.linkType =
      this.link === "any" ? LINKTYPE_LINUX_SLL2 : isRaw(this.link) ? LINKTYPE_RAW : LINKTYPE_ETHERNET;
    this.started = process.host.queue.now;
    const fast = options.lineBuffered || process.stdout.isTerminal;
    this.interval = options.immediate ? nanos(0) : fast ? FAST : SLOW;
  }

  private open(device: string): LinkInfo | "any" {
    if (device === "any") return "any";
    const link = this.process.net.link.byName(device);
    if (link === undefined) fail(1, `tcpdump: ${device}: No such device exists\n(No such device exists)\n`);
    if (!link.up) fail(1, `tcpdump: ${device}: That device is not up\n`);
    return link;
  }

  /** Packets count from now on. */
  start(): void {
    const index: IfIndex | "any" = this.link === "any" ? "any" : this.link.index;
    this.close = this.process.net.capture(
      index,
      this.options.direction,
      (frame) => {
        if (this.isEcho(frame)) return;
        this.frames.push(frame);
        this.arrived.fire();
      },
      this.options.promiscuous,
    );
  }

  stop(): void {
    this.close();
  }

  /** What lo sends comes back on lo: libpcap shows it once. */
  private isEcho(frame: CapturedFrame): boolean {
    return frame.direction === "out" && this.process.net.link.byIndex(frame.dev)?.kind === "loopback";
  }

  /** The packets of the next block, once there are any. */
  *next(): Task<readonly TimedPacket[]> {
    while (this.frames.length === 0) yield* this.arrived.wait();
    if (this.interval > 0) {
      const { now } = this.process.host.queue;
      const passed = (now - this.started) % this.interval;
      yield* new Signal().waitAtMost(nanos(this.interval - passed));
    }
    return this.frames.splice(0).map((frame) => this.packet(frame));
  }

  private packet(frame: CapturedFrame): TimedPacket {
    const { linkType } = this;
    const whole = Math.floor(frame.time / NANOS_PER_SECOND);
    const time = { seconds: EPOCH_SECONDS + whole, nanos: frame.time - whole * NANOS_PER_SECOND };
    if (this.link !== "any") return { linkType, bytes: frame.bytes, length: frame.length, ...time };
    const { bytes, added } = this.cooked(frame);
    return { linkType, bytes, length: frame.length + added, ...time };
  }

  /** The link header gives way to Linux's cooked one (www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html). */
  private cooked(frame: CapturedFrame): { readonly bytes: Uint8Array; readonly added: number } {
    const link = this.process.net.link.byIndex(frame.dev);
    const raw = link !== undefined && isRaw(link);
    const header = new Uint8Array(20);
    const removed = raw ? 0 : 14;
    const version6 = frame.bytes[0]! >>> 4 === 6;
    setU16(header, 0, raw ? (version6 ? 0x86dd : 0x0800) : (frame.bytes[12]! << 8) | frame.bytes[13]!);
    setU32(header, 4, frame.dev);
    setU16(header, 8, raw ? ARPHRD_TUNNEL : link?.kind === "loopback" ? ARPHRD_LOOPBACK : ARPHRD_ETHER);
    header[10] = raw && frame.direction === "in" ? 0 : packetType(frame, link);
    header[11] = raw ? 0 : 6;
    if (!raw) header.set(frame.bytes.subarray(6, 12), 12);
    return { bytes: concat([header, frame.bytes.subarray(removed)]), added: 20 - removed };
  }
}

/** sll_pkttype: 0 to us, 1 broadcast, 2 multicast, 3 to somebody else, 4 sent by us. */
function packetType(frame: CapturedFrame, link: LinkInfo | undefined): number {
  if (frame.direction === "out") return PACKET_OUTGOING;
  const destination = frame.bytes.subarray(0, 6);
  if (destination.every((byte) => byte === 255)) return 1;
  if ((destination[0]! & 1) !== 0) return 2;
  const address = destination.reduce((sum, byte) => sum * 256 + byte, 0);
  return link?.kind === "loopback" || address === link?.mac ? 0 : 3;
}
