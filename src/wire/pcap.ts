import { err, ok, type Result } from "../base/result.ts";

/**
 * The classic capture file (draft-ietf-opsawg-pcap), little-endian with microseconds, as `tcpdump -w` writes it on
 * the usual machines. The reader also takes the other byte order and nanoseconds.
 */

/** Link types (www.tcpdump.org/linktypes.html): how a frame's first bytes are to be read. */
export const LINKTYPE_ETHERNET = 1;
/** IPv4 or IPv6 without a link header, as on tunl0. */
export const LINKTYPE_RAW = 101;
/** A made-up header of 16 bytes, for devices that libpcap has no link type for. */
export const LINKTYPE_LINUX_SLL = 113;

/** What tcpdump writes when `-s` is not given. */
export const SNAPLEN = 262144;

const MAGIC_MICRO = 0xa1b2c3d4;
const MAGIC_NANO = 0xa1b23c4d;
const NS_PER_SECOND = 1_000_000_000;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;

export interface PcapRecord {
  /** Since the file's start, exact up to 104 days; the file keeps microseconds. */
  readonly timeNs: number;
  /** The bytes kept. */
  readonly bytes: Uint8Array;
  /** Length on the wire, when more than what was kept. */
  readonly originalLength?: number;
}

export interface PcapFile {
  readonly linkType: number;
  readonly snaplen: number;
  /** Whole seconds since 1970 from which the records count; the reader takes the first record's second. */
  readonly startSeconds: number;
  readonly records: readonly PcapRecord[];
}

export type PcapError = "truncated" | "bad-magic" | "bad-version";

/** The 24 bytes that open a file. */
export function pcapHeader(linkType: number, snaplen = SNAPLEN): Uint8Array {
  const out = new Uint8Array(FILE_HEADER);
  const view = new DataView(out.buffer);
  view.setUint32(0, MAGIC_MICRO, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, snaplen, true);
  view.setUint32(20, linkType, true);
  return out;
}

/** Writes record header and bytes at `o` (room for 16 + bytes); returns the offset behind them. */
function writeRecord(out: Uint8Array, o: number, r: PcapRecord, startSeconds: number): number {
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  const seconds = Math.floor(r.timeNs / NS_PER_SECOND);
  view.setUint32(o, startSeconds + seconds, true);
  view.setUint32(o + 4, Math.floor((r.timeNs - seconds * NS_PER_SECOND) / 1000), true);
  view.setUint32(o + 8, r.bytes.length, true);
  view.setUint32(o + 12, r.originalLength ?? r.bytes.length, true);
  out.set(r.bytes, o + RECORD_HEADER);
  return o + RECORD_HEADER + r.bytes.length;
}

/** One record, to be appended to a file that is being written. */
export function pcapRecord(r: PcapRecord, startSeconds = 0): Uint8Array {
  const out = new Uint8Array(RECORD_HEADER + r.bytes.length);
  writeRecord(out, 0, r, startSeconds);
  return out;
}

export function encodePcap(f: PcapFile): Uint8Array {
  const size = f.records.reduce((n, r) => n + RECORD_HEADER + r.bytes.length, FILE_HEADER);
  const out = new Uint8Array(size);
  out.set(pcapHeader(f.linkType, f.snaplen));
  let o = FILE_HEADER;
  for (const r of f.records) o = writeRecord(out, o, r, f.startSeconds);
  return out;
}

/** Byte order and tick length that a magic number tells. */
function readMagic(view: DataView): { readonly little: boolean; readonly tickNs: number } | undefined {
  for (const little of [true, false]) {
    const magic = view.getUint32(0, little);
    if (magic === MAGIC_MICRO) return { little, tickNs: 1000 };
    if (magic === MAGIC_NANO) return { little, tickNs: 1 };
  }
  return undefined;
}

export function decodePcap(b: Uint8Array): Result<PcapFile, PcapError> {
  if (b.length < FILE_HEADER) return err("truncated");
  const view = new DataView(b.buffer, b.byteOffset, b.byteLength);
  const magic = readMagic(view);
  if (magic === undefined) return err("bad-magic");
  const u32 = (at: number): number => view.getUint32(at, magic.little);
  if (view.getUint16(4, magic.little) !== 2) return err("bad-version");
  let startSeconds: number | undefined;
  const records: PcapRecord[] = [];
  for (let o = FILE_HEADER; o < b.length;) {
    if (o + RECORD_HEADER > b.length) return err("truncated");
    const kept = u32(o + 8);
    const end = o + RECORD_HEADER + kept;
    if (end > b.length) return err("truncated");
    const fractionNs = u32(o + 4) * magic.tickNs;
    startSeconds ??= u32(o) + Math.floor(fractionNs / NS_PER_SECOND);
    const timeNs = (u32(o) - startSeconds) * NS_PER_SECOND + fractionNs;
    const bytes = b.subarray(o + RECORD_HEADER, end);
    const original = u32(o + 12);
    records.push(original > kept ? { timeNs, bytes, originalLength: original } : { timeNs, bytes });
    o = end;
  }
  // The upper bits of the last word may hold the length of a frame check sequence.
  return ok({ linkType: u32(20) & 0xffff, snaplen: u32(16), startSeconds: startSeconds ?? 0, records });
}

/** `capture of 3 frames, Ethernet`. */
export function pcapSummary(f: PcapFile): string {
  const link =
    f.linkType === LINKTYPE_ETHERNET
      ? "Ethernet"
      : f.linkType === LINKTYPE_RAW
        ? "raw IP"
        : `link type ${f.linkType}`;
  return `capture of ${f.records.length} ${f.records.length === 1 ? "frame" : "frames"}, ${link}`;
}
