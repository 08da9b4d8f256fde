import { concat, getU16, setU16 } from "../../../base/bytes.ts";
import type { Layer } from "../../../wire/dissect.ts";
import { valueOf } from "./layers.ts";

interface Piece {
  readonly number: number;
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

/** A packet that was put together: the frame as if it had come in one, and the rows that the pieces stand in. */
export interface Whole {
  readonly frame: Uint8Array;
  readonly rows: readonly number[];
}

/** The innermost IPv4 header of a frame that carries a piece of a packet. */
export function fragmentIn(layers: readonly Layer[]): Layer | undefined {
  const ip = layers.findLast(({ protocol }) => protocol === "ipv4");
  if (ip === undefined) return undefined;
  const isPiece = valueOf(ip, "ipv4.fragment_offset") !== "0" || valueOf(ip, "ipv4.flags").includes("More");
  return isPiece ? ip : undefined;
}

const OFFSET_AND_FLAGS = 6;
const DONT_FRAGMENT = 0x4000;

/** Puts the pieces of IPv4 packets together (RFC 791) as they come by on one interface. */
export class Reassembly {
  private readonly open = new Map<string, Piece[]>();

  /** A piece in row `number`; the whole packet when it was the missing one. */
  add(number: number, frame: Uint8Array, ip: Layer): Whole | undefined {
    const id = valueOf(ip, "ipv4.id");
    const key = `${valueOf(ip, "ipv4.src")} ${valueOf(ip, "ipv4.dst")} ${valueOf(ip, "ipv4.protocol")} ${id}`;
    const body = ip.offset + ip.length;
    const end = Math.min(frame.length, ip.offset + getU16(frame, ip.offset + 2));
    const pieces = this.open.get(key) ?? [];
    pieces.push({
      number,
      at: Number(valueOf(ip, "ipv4.fragment_offset")),
      bytes: frame.subarray(body, end),
      isLast: !valueOf(ip, "ipv4.flags").includes("More"),
    });
    this.open.set(key, pieces);
    const sorted = pieces.toSorted((a, b) => a.at - b.at);
    let reached = 0;
    for (const piece of sorted) {
      if (piece.at > reached) return undefined;
      reached = Math.max(reached, piece.at + piece.bytes.length);
    }
    if (sorted.at(-1)?.isLast !== true) return undefined;
    this.open.delete(key);
    const payload = new Uint8Array(reached);
    for (const piece of sorted) payload.set(piece.bytes, piece.at);
    const head = frame.slice(0, body);
    setU16(head, ip.offset + 2, Math.min(0xffff, ip.length + reached));
    setU16(head, ip.offset + OFFSET_AND_FLAGS, getU16(head, ip.offset + OFFSET_AND_FLAGS) & DONT_FRAGMENT);
    return { frame: concat([head, payload]), rows: pieces.map((piece) => piece.number) };
  }
}
