/** Where both directions of a TCP connection count from, once a segment with ACK was seen. */
interface Base {
  /** First sequence number of the side that sorts first, and of the other. */
  low: number;
  high: number;
}

/** What a segment's numbers are printed relative to; 0 prints them as they are. */
export interface Origin {
  readonly sequence: number;
  readonly acknowledgement: number;
  /** What the numbers of SACK blocks are relative to. */
  readonly sack: number;
}

const ABSOLUTE: Origin = { sequence: 0, acknowledgement: 0, sack: 0 };

/**
 * The connections seen so far. The first segment with ACK of a connection, and every SYN with ACK, is printed with its
 * own numbers; later ones relative to it.
 */
export class TcpStreams {
  private readonly bases = new Map<string, Base>();
  private pending: readonly [string, Base] | undefined;

  /** `source` and `destination` are address and port, comparable as texts. */
  origin(
    source: string,
    destination: string,
    sequence: number,
    acknowledgement: number,
    start: boolean,
  ): Origin {
    const forward = source < destination;
    const key = forward ? `${source} ${destination}` : `${destination} ${source}`;
    const known = this.bases.get(key);
    if (known === undefined || start) {
      const other = (acknowledgement - 1) >>> 0;
      const base = forward ? { low: sequence, high: other } : { low: other, high: sequence };
      this.pending = [key, base];
      return { ...ABSOLUTE, sack: other };
    }
    const own = forward ? known.low : known.high;
    const peer = forward ? known.high : known.low;
    return { sequence: own, acknowledgement: peer, sack: peer };
  }

  /** A packet's line is final: what it taught counts from now on. A line may be made anew before that. */
  settle(): void {
    if (this.pending !== undefined) this.bases.set(this.pending[0], this.pending[1]);
    this.pending = undefined;
  }
}
