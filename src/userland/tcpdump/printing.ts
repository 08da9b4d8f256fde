import { protocolName } from "../../formats/tcpdump/filter/names.ts";
import { type CapturedPacket, type DumpOptions, packetText } from "../../formats/tcpdump/print/packet.ts";
import { NO_NAMES, type PrintOptions } from "../../formats/tcpdump/print/printer.ts";
import { TcpStreams } from "../../formats/tcpdump/print/streams.ts";
import { serviceName } from "../../formats/tcpdump/services.ts";
import type { Task } from "../../sim/task.ts";
import type { Ipv4 } from "../../wire/address.ts";
import type { Process } from "../os/process.ts";
import { resolveAddress } from "../resolver/resolver.ts";
import type { TcpdumpOptions } from "./options.ts";

/** A packet and when it was seen, in nanoseconds since 1970 split in two: a double does not hold them in one. */
export interface TimedPacket extends CapturedPacket {
  readonly seconds: number;
  readonly nanos: number;
}

const two = (n: number): string => String(n).padStart(2, "0");

/** Days since 1970 as year, month, day: civil_from_days of Howard Hinnant's "chrono-compatible date algorithms". */
function dateText(days: number): string {
  const z = days + 719468;
  const era = Math.floor(z / 146097);
  const doe = z - era * 146097;
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1460) + Math.floor(doe / 36524) - Math.floor(doe / 146096)) / 365,
  );
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  return `${year}-${two(month)}-${two(doy - Math.floor((153 * mp + 2) / 5) + 1)}`;
}

/** `00:00:00.250000`. */
function clockText(seconds: number, nanos: number): string {
  const day = seconds % 86400;
  const clock = [Math.floor(day / 3600), Math.floor(day / 60) % 60, day % 60].map(two).join(":");
  return `${clock}.${microsText(nanos)}`;
}

function microsText(nanos: number): string {
  return String(Math.floor(nanos / 1000)).padStart(6, "0");
}

/** Lines of packets, one after the other: with the time that `-t` asks for, and what earlier packets taught. */
export class PacketLines {
  private readonly process: Process;
  private readonly options: TcpdumpOptions;
  private readonly streams = new TcpStreams();
  private readonly print: PrintOptions;
  private readonly dump: DumpOptions | undefined;
  private readonly hosts = new Map<Ipv4, string | undefined>();
  private readonly unknown = new Set<Ipv4>();
  private first: TimedPacket | undefined;
  private previous: TimedPacket | undefined;
  private number = 0;

  constructor(process: Process, options: TcpdumpOptions) {
    this.process = process;
    this.options = options;
    this.print = {
      link: options.link,
      verbose: options.verbose,
      quiet: options.quiet,
      noChecksums: options.noChecksums,
      absoluteSequence: options.absoluteSequence,
      dumped: options.hex > 0 || options.hexAscii > 0,
      names: options.numeric
        ? NO_NAMES
        : { ipv4: (address) => this.hostName(address), port: serviceName, protocol: protocolName },
    };
    this.dump = dumpOptions(options);
  }

  /** A name that is known by now; otherwise it is looked up and the line made anew. */
  private hostName(address: Ipv4): string | undefined {
    if (!this.hosts.has(address)) this.unknown.add(address);
    return this.hosts.get(address);
  }

  *line(packet: TimedPacket): Task<string> {
    const device = (index: number): string | undefined => this.deviceName(index);
    let text = "";
    do {
      for (const address of this.unknown)
        this.hosts.set(address, yield* resolveAddress(this.process, address));
      this.unknown.clear();
      text = packetText(this.print, this.streams, packet, this.dump, device);
    } while (this.unknown.size > 0);
    this.streams.settle();
    const number = this.options.numbered ? `${String(++this.number).padStart(5)}  ` : "";
    return `${number}${this.timeText(packet)}${text}\n`;
  }

  private deviceName(index: number): string | undefined {
    return this.process.net.link.list().find((link) => link.index === index)?.name;
  }

  private timeText(packet: TimedPacket): string {
    const { seconds, nanos } = packet;
    this.first ??= packet;
    const since = this.options.time === 3 ? (this.previous ?? packet) : this.first;
    this.previous = packet;
    switch (this.options.time) {
      case 0:
        return `${clockText(seconds, nanos)} `;
      case 1:
        return "";
      case 2:
        return `${seconds}.${microsText(nanos)} `;
      case 4:
        return `${dateText(Math.floor(seconds / 86400))} ${clockText(seconds, nanos)} `;
      default: {
        const apart = seconds - since.seconds - (nanos < since.nanos ? 1 : 0);
        const rest = nanos < since.nanos ? nanos + 1e9 - since.nanos : nanos - since.nanos;
        return ` ${clockText(apart, rest)} `;
      }
    }
  }
}

function dumpOptions(options: TcpdumpOptions): DumpOptions | undefined {
  if (options.hexAscii > 0) return { form: "ascii", whole: options.hexAscii > 1 };
  if (options.hex > 0) return { form: "hex", whole: options.hex > 1 };
  return options.ascii > 0 ? { form: "text", whole: options.ascii > 1 } : undefined;
}
