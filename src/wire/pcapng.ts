import { concat } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";
import { utf8Decode, utf8Encode } from "../base/utf8.ts";
import { SNAPLEN } from "./pcap.ts";

/**
 * The capture file of many interfaces (draft-ietf-opsawg-pcapng): one section, little-endian, nanoseconds.
 * The reader takes one section of either byte order and passes over blocks and options that it does not know.
 */

const SHB = 0x0a0d0d0a;
const IDB = 1;
const EPB = 6;
const BYTE_ORDER = 0x1a2b3c4d;

/** Options: opt_comment 1, if_name 2, if_tsresol 9, epb_flags 2, shb_userappl 4. */
const IF_NAME = 2;
const IF_TSRESOL = 9;
const EPB_FLAGS = 2;
const SHB_USERAPPL = 4;
const COMMENT = 1;

/** Nanoseconds, as the power of ten below one second. */
const TSRESOL = 9;
const NS_PER_SECOND = 1_000_000_000n;

/** Which way a frame crossed its interface (epb_flags, bits 0 and 1). */
export type Direction = "unknown" | "in" | "out";
const DIRECTIONS: readonly Direction[] = ["unknown", "in", "out"];

export interface PcapngInterface {
  readonly name: string;
  readonly linkType: number;
}

export interface PcapngPacket {
  /** Position in `interfaces`. */
  readonly interface: number;
  /** Since the file's start, exact up to 104 days. */
  readonly timeNs: number;
  readonly direction: Direction;
  readonly bytes: Uint8Array;
  /** Length on the wire, when more than what was kept. */
  readonly originalLength?: number;
  readonly comment?: string;
}

export interface PcapngFile {
  /** The program that wrote it (shb_userappl). */
  readonly application?: string;
  /** Whole seconds since 1970 from which the packets count; the reader takes the first packet's second. */
  readonly startSeconds: number;
  readonly interfaces: readonly PcapngInterface[];
  readonly packets: readonly PcapngPacket[];
}

export type PcapngError =
  | "truncated"
  | "not-pcapng"
  | "bad-version"
  | "bad-block-length"
  | "second-section"
  | "bad-option"
  | "unknown-interface"
  /** Later than 64 bits of nanoseconds can tell. */
  | "bad-time";

function words(...values: readonly number[]): Uint8Array {
  const out = new Uint8Array(4 * values.length);
  const view = new DataView(out.buffer);
  values.forEach((v, i) => view.setUint32(4 * i, v, true));
  return out;
}

function padded(b: Uint8Array): Uint8Array {
  const out = new Uint8Array((b.length + 3) & ~3);
  out.set(b);
  return out;
}

function option(code: number, value: Uint8Array): Uint8Array {
  return concat([words(code | (value.length << 16)), padded(value)]);
}

/** The options and their end mark; nothing at all when there are none. */
function options(list: readonly Uint8Array[]): Uint8Array {
  return list.length === 0 ? new Uint8Array(0) : concat([...list, words(0)]);
}

function block(type: number, body: Uint8Array): Uint8Array {
  const length = 12 + body.length;
  return concat([words(type, length), body, words(length)]);
}

/** The section header block that opens a file: version 1.0, length of the section unknown. */
export function pcapngHeader(application?: string): Uint8Array {
  const tail = application === undefined ? [] : [option(SHB_USERAPPL, utf8Encode(application))];
  return block(SHB, concat([words(BYTE_ORDER, 1, 0xffffffff, 0xffffffff), options(tail)]));
}

/** An interface description block; interfaces are numbered in the order of their blocks. */
export function pcapngInterface(i: PcapngInterface): Uint8Array {
  const tail = [option(IF_NAME, utf8Encode(i.name)), option(IF_TSRESOL, Uint8Array.of(TSRESOL))];
  return block(IDB, concat([words(i.linkType, SNAPLEN), options(tail)]));
}

/** An enhanced packet block. */
export function pcapngPacket(p: PcapngPacket, startSeconds = 0): Uint8Array {
  const time = BigInt(startSeconds) * NS_PER_SECOND + BigInt(Math.round(p.timeNs));
  const length = p.originalLength ?? p.bytes.length;
  const tail = [option(EPB_FLAGS, words(DIRECTIONS.indexOf(p.direction)))];
  if (p.comment !== undefined) tail.push(option(COMMENT, utf8Encode(p.comment)));
  const head = words(p.interface, Number(time >> 32n), Number(time & 0xffffffffn), p.bytes.length, length);
  return block(EPB, concat([head, padded(p.bytes), options(tail)]));
}

export function encodePcapng(f: PcapngFile): Uint8Array {
  return concat([
    pcapngHeader(f.application),
    ...f.interfaces.map(pcapngInterface),
    ...f.packets.map((p) => pcapngPacket(p, f.startSeconds)),
  ]);
}

/** One block's body, from `from` to `to` of the file. */
interface Block {
  readonly type: number;
  readonly from: number;
  readonly to: number;
}

/** Where a reader stands: the file, its byte order, and what the blocks before have said. */
interface Reader {
  readonly b: Uint8Array;
  readonly view: DataView;
  little: boolean;
  application: string | undefined;
  readonly interfaces: PcapngInterface[];
  /** Ticks of one second, by interface. */
  readonly ticks: bigint[];
  /** Of the first packet. */
  startSeconds: bigint | undefined;
  readonly packets: PcapngPacket[];
}

function nextBlock(r: Reader, o: number): Result<Block, PcapngError> {
  if (o + 12 > r.b.length) return err("truncated");
  const type = r.view.getUint32(o, r.little);
  const length = r.view.getUint32(o + 4, r.little);
  if (length < 12 || length % 4 !== 0) return err("bad-block-length");
  if (o + length > r.b.length) return err("truncated");
  if (r.view.getUint32(o + length - 4, r.little) !== length) return err("bad-block-length");
  return ok({ type, from: o + 8, to: o + length - 4 });
}

/** Options by code, the last of each code; undefined when one reaches over the end. */
function readOptions(r: Reader, from: number, to: number): ReadonlyMap<number, Uint8Array> | undefined {
  const out = new Map<number, Uint8Array>();
  for (let o = from; o + 4 <= to;) {
    const code = r.view.getUint16(o, r.little);
    const length = r.view.getUint16(o + 2, r.little);
    if (code === 0) break;
    if (o + 4 + length > to) return undefined;
    out.set(code, r.b.subarray(o + 4, o + 4 + length));
    o += 4 + ((length + 3) & ~3);
  }
  return out;
}

function text(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : utf8Decode(value);
}

/** Ticks of a second that if_tsresol tells: a power of ten, or of two with the high bit set; microseconds without it. */
function ticksPerSecond(resolution = 6): bigint {
  return (resolution & 0x80) !== 0 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution);
}

function readSection(r: Reader, k: Block): PcapngError | undefined {
  if (k.to - k.from < 16) return "truncated";
  if (r.view.getUint16(k.from + 4, r.little) !== 1) return "bad-version";
  const found = readOptions(r, k.from + 16, k.to);
  if (found === undefined) return "bad-option";
  r.application = text(found.get(SHB_USERAPPL));
  return undefined;
}

function readInterface(r: Reader, k: Block): PcapngError | undefined {
  if (k.to - k.from < 8) return "truncated";
  const found = readOptions(r, k.from + 8, k.to);
  if (found === undefined) return "bad-option";
  r.interfaces.push({
    name: text(found.get(IF_NAME)) ?? "",
    linkType: r.view.getUint16(k.from, r.little),
  });
  r.ticks.push(ticksPerSecond(found.get(IF_TSRESOL)?.[0]));
  return undefined;
}

function readPacket(r: Reader, k: Block): PcapngError | undefined {
  if (k.to - k.from < 20) return "truncated";
  const u32 = (i: number): number => r.view.getUint32(k.from + 4 * i, r.little);
  const kept = u32(3);
  const end = k.from + 20 + kept;
  if (end > k.to) return "truncated";
  const ticks = r.ticks[u32(0)];
  if (ticks === undefined) return "unknown-interface";
  const found = readOptions(r, k.from + 20 + ((kept + 3) & ~3), k.to);
  if (found === undefined) return "bad-option";
  const time = (((BigInt(u32(1)) << 32n) | BigInt(u32(2))) * NS_PER_SECOND) / ticks;
  if (time >> 64n !== 0n) return "bad-time";
  r.startSeconds ??= time / NS_PER_SECOND;
  const flags = found.get(EPB_FLAGS);
  const low = flags?.length === 4 ? flags[r.little ? 0 : 3]! & 3 : 0;
  const comment = text(found.get(COMMENT));
  r.packets.push({
    interface: u32(0),
    timeNs: Number(time - r.startSeconds * NS_PER_SECOND),
    direction: DIRECTIONS[low] ?? "unknown",
    bytes: r.b.subarray(k.from + 20, end),
    ...(u32(4) > kept ? { originalLength: u32(4) } : {}),
    ...(comment === undefined ? {} : { comment }),
  });
  return undefined;
}

function readBlock(r: Reader, k: Block, first: boolean): PcapngError | undefined {
  if (k.type === SHB) return first ? readSection(r, k) : "second-section";
  if (k.type === IDB) return readInterface(r, k);
  if (k.type === EPB) return readPacket(r, k);
  return undefined;
}

/** The byte order mark of the section header that a file must begin with; undefined when there is none. */
function byteOrder(view: DataView): boolean | undefined {
  if (view.byteLength < 12 || view.getUint32(0) !== SHB) return undefined;
  if (view.getUint32(8, true) === BYTE_ORDER) return true;
  return view.getUint32(8, false) === BYTE_ORDER ? false : undefined;
}

export function decodePcapng(b: Uint8Array): Result<PcapngFile, PcapngError> {
  const view = new DataView(b.buffer, b.byteOffset, b.byteLength);
  const little = byteOrder(view);
  if (little === undefined) return err(b.length < 12 ? "truncated" : "not-pcapng");
  const r: Reader = {
    b,
    view,
    little,
    application: undefined,
    interfaces: [],
    ticks: [],
    startSeconds: undefined,
    packets: [],
  };
  for (let o = 0; o < b.length;) {
    const k = nextBlock(r, o);
    if (!k.ok) return k;
    const fault = readBlock(r, k.value, o === 0);
    if (fault !== undefined) return err(fault);
    o = k.value.to + 4;
  }
  const application = r.application === undefined ? {} : { application: r.application };
  const startSeconds = Number(r.startSeconds ?? 0n);
  return ok({ ...application, startSeconds, interfaces: r.interfaces, packets: r.packets });
}

/** `capture of 12 frames on eth0, cni0`. */
export function pcapngSummary(f: PcapngFile): string {
  const names = f.interfaces.map((i) => i.name).join(", ");
  return `capture of ${f.packets.length} ${f.packets.length === 1 ? "frame" : "frames"} on ${names}`;
}
