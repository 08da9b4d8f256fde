import { concat } from "../../base/bytes.ts";
import { advance, after, before, distance } from "./sequence.ts";

interface Piece {
  sequence: number;
  bytes: Uint8Array;
  fin: boolean;
}

/** The most blocks that fit beside timestamps (RFC 2018, section 3). */
const MAX_SACK_BLOCKS = 3;

/** What came in: bytes in order that wait for the reader, and pieces behind a gap. Models: sk_receive_queue, out_of_order_queue. */
export class ReceiveQueue {
  private chunks: Uint8Array[] = [];
  /** Bytes that wait for the reader. */
  size = 0;
  /** Sequence number that is expected next. */
  next = 0;
  /** Pieces behind a gap, by sequence number, none overlapping. */
  private readonly pieces: Piece[] = [];
  /** Bytes behind a gap. */
  gapBytes = 0;
  private newest: number | undefined;

  get hasGap(): boolean {
    return this.pieces.length > 0;
  }

  /**
   * Takes in a segment that lies in the window. True when the stream's end was reached with it; `next` has moved if
   * anything came in order.
   */
  add(sequence: number, data: Uint8Array, fin: boolean): boolean {
    if (after(sequence, this.next)) {
      this.keep(sequence, data, fin);
      return false;
    }
    const known = distance(this.next, sequence);
    if (known > data.length || (known === data.length && !fin)) return false;
    let ended = this.take({ sequence, bytes: data.subarray(known), fin });
    while (!ended && this.pieces.length > 0 && !after(this.pieces[0]!.sequence, this.next)) {
      const piece = this.pieces.shift()!;
      this.gapBytes -= piece.bytes.length;
      const old = distance(this.next, piece.sequence);
      if (old > piece.bytes.length || (old === piece.bytes.length && !piece.fin)) continue;
      ended = this.take({ ...piece, bytes: piece.bytes.subarray(old) });
    }
    if (ended) {
      // Behind the end there is nothing.
      this.pieces.length = 0;
      this.gapBytes = 0;
    }
    return ended;
  }

  private take(piece: Piece): boolean {
    if (piece.bytes.length > 0) this.chunks.push(piece.bytes);
    this.size += piece.bytes.length;
    this.next = advance(this.next, piece.bytes.length + (piece.fin ? 1 : 0));
    return piece.fin;
  }

  /** Models: tcp_data_queue_ofo: what is there already is cut off the new piece, what the new one covers goes. */
  private keep(sequence: number, data: Uint8Array, last: boolean): void {
    let fin = last;
    let from = sequence;
    let bytes = data;
    let at = 0;
    this.newest = sequence;
    while (at < this.pieces.length && !after(this.pieces[at]!.sequence, from)) {
      const piece = this.pieces[at]!;
      const end = advance(piece.sequence, piece.bytes.length);
      if (after(end, from)) {
        const overlap = distance(end, from);
        if (overlap >= bytes.length) return;
        bytes = bytes.subarray(overlap);
        from = end;
      }
      at++;
    }
    const end = advance(from, bytes.length);
    while (at < this.pieces.length) {
      const piece = this.pieces[at]!;
      const pieceEnd = advance(piece.sequence, piece.bytes.length);
      if (after(pieceEnd, end)) break;
      this.gapBytes -= piece.bytes.length;
      fin ||= piece.fin;
      this.pieces.splice(at, 1);
    }
    const following = this.pieces[at];
    if (following !== undefined && before(following.sequence, end))
      bytes = bytes.subarray(0, distance(following.sequence, from));
    if (bytes.length === 0 && !fin) return;
    this.pieces.splice(at, 0, { sequence: from, bytes, fin });
    this.gapBytes += bytes.length;
  }

  /** The blocks behind the gap, the one that grew last first. */
  sackBlocks(): (readonly [left: number, right: number])[] {
    const blocks: [number, number][] = [];
    for (const { sequence, bytes, fin } of this.pieces) {
      const end = advance(sequence, bytes.length + (fin ? 1 : 0));
      const last = blocks.at(-1);
      if (last !== undefined && last[1] === sequence) last[1] = end;
      else blocks.push([sequence, end]);
    }
    const { newest } = this;
    const at =
      newest === undefined ? -1 : blocks.findIndex(([l, r]) => !before(newest, l) && before(newest, r));
    if (at > 0) blocks.unshift(...blocks.splice(at, 1));
    return blocks.slice(0, MAX_SACK_BLOCKS);
  }

  /** At most `max` bytes in order. */
  read(max: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let wanted = Math.min(max, this.size);
    this.size -= wanted;
    while (wanted > 0) {
      const chunk = this.chunks[0]!;
      if (chunk.length <= wanted) {
        parts.push(chunk);
        this.chunks.shift();
        wanted -= chunk.length;
      } else {
        parts.push(chunk.subarray(0, wanted));
        this.chunks[0] = chunk.subarray(wanted);
        wanted = 0;
      }
    }
    return parts.length === 1 ? parts[0]! : concat(parts);
  }

  clear(): void {
    this.chunks = [];
    this.pieces.length = 0;
    this.size = this.gapBytes = 0;
  }
}
