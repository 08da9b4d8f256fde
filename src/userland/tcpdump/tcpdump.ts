import { compileFilter, type PacketFilter } from "../../formats/tcpdump/filter/compile.ts";
import { LINK_TYPES } from "../../formats/tcpdump/print/packet.ts";
import { Interrupted, type Task } from "../../sim/task.ts";
import type { Ipv4 } from "../../wire/address.ts";
import { pcapHeader, pcapRecord } from "../../wire/pcap.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { strerror } from "../os/errno.ts";
import { openFile } from "../os/files.ts";
import type { OpenFile } from "../os/io.ts";
import type { Process } from "../os/process.ts";
import { resolveHost } from "../resolver/resolver.ts";
import { LiveCapture, listedDevices } from "./live.ts";
import { readTcpdumpOptions, type TcpdumpOptions } from "./options.ts";
import { Output, standardOutput } from "../text/stdio.ts";
import { PacketLines, type TimedPacket } from "./printing.ts";
import { readSaved, type SavedCapture } from "./saved.ts";

/** tcpdump(8) 4.99.3: packets from a device or a file, to the screen or a file. */

const LINUX_SLL2 = 276;

function linkText(linkType: number): string {
  const [name, title] = LINK_TYPES.get(linkType) ?? refuse(`link type ${linkType}`);
  return `link-type ${name} (${title})`;
}

/** Compiles the filter, looking up the names in it. */
function* compile(process: Process, options: TcpdumpOptions, linkType: number): Task<PacketFilter> {
  const hosts = new Map<string, readonly Ipv4[] | undefined>();
  for (;;) {
    const filter = compileFilter(options.expression, linkType, hosts);
    if (filter.ok) return filter.value;
    switch (filter.error.kind) {
      case "message":
        return fail(1, `tcpdump: ${filter.error.text}\n`);
      case "refused":
        return refuse(filter.error.what);
      case "host": {
        const found = yield* resolveHost(process, filter.error.name);
        hosts.set(filter.error.name, found.ok ? found.value.addresses : undefined);
      }
    }
  }
}

/** Where packets go: lines on standard output, records in a file, or both. */
class Sink {
  private readonly options: TcpdumpOptions;
  private readonly lines: PacketLines;
  private readonly stdout: Output;
  private readonly file: Output | undefined;
  private readonly handle: OpenFile | undefined;
  captured = 0;

  constructor(process: Process, options: TcpdumpOptions, linkType: number) {
    this.options = options;
    this.lines = new PacketLines(process, options);
    this.stdout = standardOutput(process, options.lineBuffered);
    if (options.write === undefined) return;
    this.handle = options.write === "-" ? process.stdout.retain() : create(process, options.write);
    this.file = new Output(this.handle, options.packetBuffered);
    this.header = pcapHeader(linkType, options.snaplen);
  }

  private header: Uint8Array | undefined;

  get prints(): boolean {
    return (this.file === undefined || this.options.print) && !this.options.onlyCount;
  }

  *begin(): Task<void> {
    if (this.header !== undefined) yield* this.file!.write(this.header);
  }

  /** False when there are enough. */
  *take(packet: TimedPacket): Task<boolean> {
    this.captured++;
    const { snaplen, count } = this.options;
    const cut = { ...packet, bytes: packet.bytes.subarray(0, snaplen) };
    if (this.file !== undefined) {
      const record = { timeNs: cut.nanos, bytes: cut.bytes, originalLength: cut.length };
      yield* this.file.write(pcapRecord(record, cut.seconds));
    }
    if (this.prints) yield* this.stdout.write(yield* this.lines.line(cut));
    return count === undefined || this.captured < count;
  }

  *text(text: string): Task<void> {
    yield* this.stdout.write(text);
  }

  *end(): Task<void> {
    yield* this.stdout.flush();
    yield* this.file?.flush() ?? none();
    this.handle?.close();
  }
}

function* none(): Task<void> {}

function create(process: Process, path: string): OpenFile {
  const file = openFile(process, path, "write");
  if (!file.ok) fail(1, `tcpdump: ${path}: ${strerror(file.error)}\n`);
  return file.value;
}

function counted(count: number, what: string): string {
  return `${count} packet${count === 1 ? "" : "s"} ${what}\n`;
}

function* dumpSaved(process: Process, options: TcpdumpOptions, saved: SavedCapture): Task<number> {
  let notice = `reading from file ${options.read === "-" ? "-" : (options.read ?? "")}, ${linkText(saved.linkType)}`;
  notice += `, snapshot length ${saved.snaplen}\n`;
  if (saved.linkType === LINUX_SLL2) notice += "Warning: interface names might be incorrect\n";
  yield* process.printError(notice);
  const filter = yield* compile(process, options, saved.linkType);
  const sink = new Sink(process, { ...options, snaplen: saved.snaplen }, saved.linkType);
  yield* sink.begin();
  let more = true;
  for (const packet of saved.packets) if (filter(packet) && !(more = yield* sink.take(packet))) break;
  if (options.onlyCount) yield* sink.text(`${sink.captured} packet${sink.captured === 1 ? "" : "s"}\n`);
  yield* sink.end();
  if (saved.fault === undefined || !more) return 0;
  yield* process.printError(`tcpdump: pcap_loop: ${saved.fault}\n`);
  return 1;
}

/** The device that libpcap takes when none is named. */
function defaultDevice(process: Process): string {
  const first = listedDevices(process.net.link.list())[0];
  if (first === undefined || first === "any") refuse("capturing without -i where no device is up");
  return first.name;
}

function* dumpLive(process: Process, options: TcpdumpOptions): Task<number> {
  for (const signal of ["INT", "TERM", "HUP"]) {
    if (signal === "HUP" && process.ignores(signal)) continue;
    process.onSignal(signal, "default");
    process.handle(signal);
  }
  const device = options.device ?? defaultDevice(process);
  const capture = new LiveCapture(process, options, device);
  if (capture.linkType === LINUX_SLL2) yield* process.printError("tcpdump: data link type LINUX_SLL2\n");
  const filter = yield* compile(process, options, capture.linkType);
  const sink = new Sink(process, options, capture.linkType);
  const listening = `listening on ${device}, ${linkText(capture.linkType)}, snapshot length ${options.snaplen} bytes\n`;
  const quiet = sink.prints && options.verbose === 0;
  yield* process.printError(
    quiet
      ? `tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n${listening}`
      : `tcpdump: ${listening}`,
  );
  let received = 0;
  let signalled = false;
  capture.start();
  try {
    yield* sink.begin();
    for (let more = true; more;)
      for (const packet of yield* capture.next()) {
        if (!filter(packet)) continue;
        received++;
        if (more) more = yield* sink.take(packet);
      }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    signalled = true;
  } finally {
    capture.stop();
  }
  if (signalled && sink.prints) yield* sink.text("\n");
  yield* sink.end();
  yield* process.printError(
    counted(sink.captured, "captured") +
      counted(received, "received by filter") +
      counted(0, "dropped by kernel"),
  );
  return 0;
}

/** `-D`. */
function deviceList(process: Process): string {
  const rows = listedDevices(process.net.link.list()).map((link) => {
    if (link === "any") return "any (Pseudo-device that captures on all interfaces) [Up, Running]";
    if (!link.up || !link.lowerUp) return refuse("tcpdump -D with a device that is down");
    return `${link.name} [Up, Running, ${link.kind === "loopback" ? "Loopback" : "Connected"}]`;
  });
  const pseudo = [
    "bluetooth-monitor (Bluetooth Linux Monitor) [Wireless]",
    "nflog (Linux netfilter log (NFLOG) interface) [none]",
    "nfqueue (Linux netfilter queue (NFQUEUE) interface) [none]",
    "dbus-system (D-Bus system bus) [none]",
    "dbus-session (D-Bus session bus) [none]",
  ];
  return [...rows, ...pseudo].map((row, i) => `${i + 1}.${row}\n`).join("");
}

function* main(process: Process): Task<number> {
  const options = readTcpdumpOptions(process.argv);
  if (options.listDevices) {
    yield* process.print(deviceList(process));
    return 0;
  }
  if (options.read === undefined) return yield* dumpLive(process, options);
  return yield* dumpSaved(process, options, yield* readSaved(process, options.read));
}

export const tcpdump = program(main);
