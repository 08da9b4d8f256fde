import { decodePcap } from "../../wire/pcap.ts";
import type { Task } from "../../sim/task.ts";
import { fail, refuse } from "../args/exit.ts";
import { strerror } from "../os/errno.ts";
import { openFile } from "../os/files.ts";
import { readAll } from "../os/io.ts";
import type { Process } from "../os/process.ts";
import type { TimedPacket } from "./printing.ts";

/** A capture file: pcap, as libpcap's savefile.c reads it. */

export interface SavedCapture {
  readonly linkType: number;
  readonly snaplen: number;
  readonly packets: readonly TimedPacket[];
  /** What is wrong behind the last packet. */
  readonly fault?: string;
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const MAGICS: ReadonlySet<string> = new Set(["a1b2c3d4", "d4c3b2a1", "a1b23c4d", "4d3cb2a1"]);

function bad(text: string): never {
  fail(1, `tcpdump: ${text}\n`);
}

function little(bytes: Uint8Array): boolean {
  return bytes[0] === 0xd4 || bytes[0] === 0x4d;
}

/** Where the last whole record ends, and what is wrong behind it. */
function wholeRecords(bytes: Uint8Array): { readonly end: number; readonly fault?: string } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let o = FILE_HEADER;
  while (o < bytes.length) {
    const left = bytes.length - o;
    if (left < RECORD_HEADER)
      return {
        end: o,
        fault: `truncated dump file; tried to read ${RECORD_HEADER} header bytes, only got ${left}`,
      };
    const size = view.getUint32(o + 8, little(bytes));
    if (left - RECORD_HEADER < size)
      return {
        end: o,
        fault: `truncated dump file; tried to read ${size} captured bytes, only got ${left - RECORD_HEADER}`,
      };
    o += RECORD_HEADER + size;
  }
  return { end: o };
}

export function* readSaved(process: Process, path: string): Task<SavedCapture> {
  let bytes: Uint8Array;
  if (path === "-") bytes = yield* readAll(process.stdin);
  else {
    const file = openFile(process, path, "read");
    if (!file.ok) bad(`${path}: ${strerror(file.error)}`);
    bytes = yield* readAll(file.value);
    file.value.close();
  }
  if (bytes.length < 4)
    bad(`truncated dump file; tried to read 4 file header bytes, only got ${bytes.length}`);
  const magic = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (magic === "0a0d0d0a") refuse("reading pcapng");
  if (!MAGICS.has(magic)) bad("unknown file format");
  if (bytes.length < FILE_HEADER)
    bad(`truncated dump file; tried to read ${FILE_HEADER} file header bytes, only got ${bytes.length}`);
  const { end, fault } = wholeRecords(bytes);
  const file = decodePcap(bytes.subarray(0, end));
  if (!file.ok) return refuse("this version of pcap");
  const { linkType, snaplen, startSeconds, records } = file.value;
  const packets = records.map(({ timeNs, bytes: kept, originalLength }) => {
    const whole = Math.floor(timeNs / 1e9);
    return {
      linkType,
      bytes: kept,
      length: originalLength ?? kept.length,
      seconds: startSeconds + whole,
      nanos: timeNs - whole * 1e9,
    };
  });
  return { linkType, snaplen, packets, ...(fault === undefined ? {} : { fault }) };
}
