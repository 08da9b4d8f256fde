import type { CapturedFrame, LinkInfo } from "../../kernel/uapi/index.ts";
import { Interrupted, Signal, type Task } from "../../sim/task.ts";
import { addTime, type Nanos, nanos, seconds } from "../../sim/time.ts";
import { formatIpv4, formatMac, type Ipv4, IPV4_ANY, type Mac, MAC_BROADCAST } from "../../wire/address.ts";
import {
  ARP_LENGTH,
  ARP_REPLY,
  ARP_REQUEST,
  arpOperation,
  arpSenderIp,
  arpSenderMac,
  arpTargetIp,
  arpTargetMac,
  arpValid,
  writeArp,
} from "../../wire/arp.ts";
import { ETH_P_ARP, ETHERNET_HEADER, ethDest, ethType, writeEthernet } from "../../wire/ethernet.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { getopt } from "../args/getopt.ts";
import { strerror } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import { inetAton } from "../resolver/addresses.ts";
import { RESOLVE_TEXT, resolveHost } from "../resolver/resolver.ts";

/** arping(8) of iputils 20221126. */

const VERSION = `arping from iputils 20221126
libcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes
`;

const USAGE = `
Usage:
  arping [options] <destination>

Options:
  -f            quit on first reply
  -q            be quiet
  -b            keep on broadcasting, do not unicast
  -D            duplicate address detection mode
  -U            unsolicited ARP mode, update your neighbours
  -A            ARP answer mode, update your neighbours
  -V            print version and exit
  -c <count>    how many packets to send
  -w <timeout>  how long to wait for a reply
  -i <interval> set interval between packets (default: 1 second)
  -I <device>   which ethernet device to use
  -s <source>   source ip address
  <destination> dns name or ip address

For more details see arping(8).
`;

interface Options {
  readonly letters: ReadonlySet<string>;
  readonly count: number | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly intervalSeconds: number;
  readonly device: string | undefined;
  readonly source: string | undefined;
  readonly target: string;
}

function number(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value)) fail(1, `arping: invalid argument: '${value}'\n`);
  return Number(value);
}

function readOptions(argv: readonly string[]): Options {
  const given = getopt(argv, "h?bfDUAqc:w:i:s:I:V");
  if (given.complaint !== undefined) fail(2, given.complaint + USAGE);
  const value = (letter: string): string | undefined =>
    given.options.findLast((option) => option.letter === letter)?.value;
  const letters = new Set(given.options.map(({ letter }) => letter));
  if (letters.has("V")) fail(0, VERSION);
  const [target] = given.operands;
  if (letters.has("h") || target === undefined || given.operands.length > 1) fail(2, USAGE);
  return {
    letters,
    count: number(value("c")),
    timeoutSeconds: number(value("w")),
    intervalSeconds: number(value("i")) ?? 1,
    device: value("I"),
    source: value("s"),
    target,
  };
}

/** The device that was named, or the first one that could carry ARP. */
function chooseDevice(process: Process, name: string | undefined): LinkInfo {
  const usable = (link: LinkInfo): boolean => link.up && link.kind !== "loopback" && !link.noArp;
  if (name === undefined)
    return process.net.link.list().find(usable) ?? fail(2, "arping: no suitable device found\n");
  const link = process.net.link.byName(name);
  if (link === undefined) return fail(2, `arping: Device ${name} not available.\n`);
  if (!link.up) return fail(2, `Interface "${name}" is down\n`);
  if (!usable(link)) return fail(2, `Interface "${name}" is not ARPable\n`);
  return link;
}

function* resolveTarget(process: Process, name: string): Task<Ipv4> {
  const found = yield* resolveHost(process, name, "inet");
  if (!found.ok) fail(2, `arping: ${name}: ${RESOLVE_TEXT[found.error]}\n`);
  return found.value.addresses[0]!;
}

/** The address that requests come from: given, none for -D, the target itself when telling, or what the route says. */
function sourceAddress(process: Process, options: Options, device: LinkInfo, target: Ipv4): Ipv4 {
  const { letters } = options;
  if (options.source !== undefined) {
    const source = inetAton(options.source) ?? fail(2, `arping: invalid source ${options.source}\n`);
    const own = process.net.address.list().some(({ local }) => local === source);
    if (!own && !letters.has("D")) fail(2, "arping: bind: Cannot assign requested address\n");
    return source;
  }
  if (letters.has("D")) return IPV4_ANY;
  if (letters.has("U") || letters.has("A")) return target;
  const socket = process.net.socket.udp("arping");
  try {
    socket.setOptions({ device: device.index });
    const connected = socket.connect({ address: target, port: 1025 });
    if (!connected.ok) fail(2, `arping: connect: ${strerror(connected.error.errno)}\n`);
    return socket.local().address;
  } finally {
    socket.close();
  }
}

class Arping {
  private readonly process: Process;
  private readonly options: Options;
  private readonly device: LinkInfo;
  private readonly target: Ipv4;
  private readonly source: Ipv4;
  private readonly arrived = new Signal();
  private readonly replies: CapturedFrame[] = [];
  /** Whom requests go to: everybody, until somebody answered. */
  private to: Mac = MAC_BROADCAST;
  private lastSent: Nanos = nanos(0);
  private sent = 0;
  private broadcasts = 0;
  private received = 0;

  constructor(process: Process, options: Options, device: LinkInfo, target: Ipv4, source: Ipv4) {
    this.process = process;
    this.options = options;
    this.device = device;
    this.target = target;
    this.source = source;
  }

  private get now(): Nanos {
    return this.process.host.queue.now;
  }

  private has(letter: string): boolean {
    return this.options.letters.has(letter);
  }

  *run(): Task<number> {
    if (!this.has("q"))
      yield* this.process.print(
        `ARPING ${formatIpv4(this.target)} from ${formatIpv4(this.source)} ${this.device.name}\n`,
      );
    this.process.onSignal("INT", "default");
    this.process.handle("INT");
    const close = this.process.net.capture(this.device.index, "in", (frame) => {
      this.replies.push(frame);
      this.arrived.fire();
    });
    try {
      yield* this.exchange();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    } finally {
      close();
    }
    if (!this.has("q"))
      yield* this.process.print(
        `Sent ${this.sent} probes (${this.broadcasts} broadcast(s))\nReceived ${this.received} response(s)\n`,
      );
    if (this.has("D")) return this.received > 0 ? 1 : 0;
    return this.has("U") || this.has("A") || this.received > 0 ? 0 : 1;
  }

  /** Sends every interval, until enough was sent, the time is up, or the first answer will do. */
  private *exchange(): Task<void> {
    const { count, timeoutSeconds, intervalSeconds } = this.options;
    const end = timeoutSeconds === undefined ? undefined : addTime(this.now, seconds(timeoutSeconds));
    while (count === undefined || this.sent < count) {
      this.send();
      const next = addTime(this.now, seconds(intervalSeconds));
      const until = end !== undefined && end < next ? end : next;
      if (yield* this.listen(until)) return;
      if (end !== undefined && this.now >= end) {
        // The timer of the interval fires together with that of the end, and first.
        if (this.now >= next && (count === undefined || this.sent < count)) this.send();
        return;
      }
    }
  }

  private send(): void {
    const frame = new Uint8Array(ETHERNET_HEADER + ARP_LENGTH);
    const operation = this.has("A") ? ARP_REPLY : ARP_REQUEST;
    const asked = this.has("A") ? this.device.mac : this.to;
    writeEthernet(frame, 0, this.to, this.device.mac, ETH_P_ARP);
    writeArp(frame, ETHERNET_HEADER, operation, this.device.mac, this.source, asked, this.target);
    const done = this.process.net.transmit(this.device.index, frame);
    if (!done.ok) fail(2, `arping: sendto: ${strerror(done.error.errno)}\n`);
    this.lastSent = this.now;
    this.sent++;
    if (this.to === MAC_BROADCAST) this.broadcasts++;
  }

  /** Takes answers until `until`; true when there were enough. */
  private *listen(until: Nanos): Task<boolean> {
    while (this.now < until) {
      const frame = this.replies.shift();
      if (frame === undefined) {
        yield* this.arrived.waitAtMost(nanos(until - this.now));
        continue;
      }
      if (!this.isAnswer(frame.bytes)) continue;
      yield* this.report(frame);
      this.received++;
      if (this.has("f") || this.has("D")) return true;
      if (!this.has("b") && !this.has("U") && !this.has("A"))
        this.to = arpSenderMac(frame.bytes, ETHERNET_HEADER);
      if (this.options.timeoutSeconds !== undefined && this.received === this.options.count) return true;
    }
    return false;
  }

  private isAnswer(bytes: Uint8Array): boolean {
    if (ethType(bytes, 0) !== ETH_P_ARP || !arpValid(bytes, ETHERNET_HEADER, bytes.length)) return false;
    const operation = arpOperation(bytes, ETHERNET_HEADER);
    if (operation !== ARP_REQUEST && operation !== ARP_REPLY) return false;
    if (arpSenderIp(bytes, ETHERNET_HEADER) !== this.target) return false;
    if (this.has("D")) {
      const wanted = arpTargetIp(bytes, ETHERNET_HEADER);
      return this.source === IPV4_ANY || wanted === this.source;
    }
    return (
      arpTargetIp(bytes, ETHERNET_HEADER) === this.source &&
      (operation === ARP_REQUEST || arpTargetMac(bytes, ETHERNET_HEADER) === this.device.mac)
    );
  }

  private *report(frame: CapturedFrame): Task<void> {
    if (this.has("q")) return;
    const { bytes } = frame;
    const cast = ethDest(bytes, 0) === this.device.mac ? "Unicast" : "Broadcast";
    const kind = arpOperation(bytes, ETHERNET_HEADER) === ARP_REPLY ? "reply" : "request";
    const from = formatIpv4(arpSenderIp(bytes, ETHERNET_HEADER));
    const mac = formatMac(arpSenderMac(bytes, ETHERNET_HEADER)).toUpperCase();
    const micros = Math.floor((frame.time - this.lastSent) / 1000);
    const time = `${Math.floor(micros / 1000)}.${String(micros % 1000).padStart(3, "0")}ms`;
    yield* this.process.print(`${cast} ${kind} from ${from} [${mac}]  ${time}\n`);
  }
}

function* main(process: Process): Task<number> {
  const options = readOptions(process.argv);
  const device = chooseDevice(process, options.device);
  const target = yield* resolveTarget(process, options.target);
  if (device.linkType !== "ether") refuse("arping on devices other than Ethernet's");
  const source = sourceAddress(process, options, device, target);
  return yield* new Arping(process, options, device, target, source).run();
}

export const arping = program(main);
