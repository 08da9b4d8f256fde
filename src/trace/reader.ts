import { must } from "../base/result.ts";
import {
  CT_STATES,
  type CtState,
  DROP_REASONS,
  FAMILIES,
  FDB_RESULTS,
  HOOKS,
  NEIGH_RESULTS,
  ORIGINS,
  RECORD_KINDS,
  type RecordKind,
  REWRITES,
  ROUTE_RESULTS,
  type SkbId,
  TABLES,
  type TableName,
  type TraceFamily,
  type TraceRecord,
} from "./record.ts";
import { type TraceChunk, WORDS } from "./writer.ts";

interface Place {
  readonly index: number;
  readonly time: number;
  readonly netns: number;
  readonly skb: SkbId;
}

/** The words of one record, by the names that the decoders use. */
interface Packed {
  readonly dev: number;
  readonly flag: boolean;
  /** The addresses are texts. */
  readonly v6: boolean;
  readonly extra: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** Holds a whole trace in packed form, chunk by chunk, and decodes single records when they are looked at. */
export class TraceReader {
  private readonly chunks: TraceChunk[] = [];
  private readonly texts: string[] = [];
  private total = 0;

  get length(): number {
    return this.total;
  }

  /** Chunks come in order, without gaps. */
  append(chunk: TraceChunk): void {
    if (chunk.first !== this.total) throw new Error(`bug: chunk at ${chunk.first}, expected ${this.total}`);
    if (chunk.count > 0) this.chunks.push(chunk);
    for (const text of chunk.texts) this.texts.push(text);
    this.total += chunk.count;
  }

  /** Kind of a record without decoding it. */
  kind(index: number): RecordKind {
    const chunk = this.chunkOf(index);
    return RECORD_KINDS[chunk.words[(index - chunk.first) * WORDS]! & 0xff]!;
  }

  time(index: number): number {
    const chunk = this.chunkOf(index);
    return chunk.times[index - chunk.first]!;
  }

  /** skb that a record is about; 0 for those that are about none. */
  skb(index: number): SkbId {
    const chunk = this.chunkOf(index);
    return chunk.words[(index - chunk.first) * WORDS + 2]! as SkbId;
  }

  /** Table of a change record, without decoding it. */
  table(index: number): TableName {
    const chunk = this.chunkOf(index);
    return TABLES[chunk.words[(index - chunk.first) * WORDS]! >>> 16]!;
  }

  /** Network namespace of a record, as far as its kind has one. */
  netns(index: number): number {
    const chunk = this.chunkOf(index);
    return chunk.words[(index - chunk.first) * WORDS + 1]!;
  }

  text(number: number): string {
    return this.texts[number] ?? "";
  }

  record(index: number): TraceRecord {
    const chunk = this.chunkOf(index);
    const o = (index - chunk.first) * WORDS;
    return this.decode(index, chunk, chunk.words.subarray(o, o + WORDS));
  }

  *[Symbol.iterator](): Iterator<TraceRecord> {
    for (let i = 0; i < this.total; i++) yield this.record(i);
  }

  private chunkOf(index: number): TraceChunk {
    let low = 0;
    let high = this.chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.chunks[middle]!.first <= index) low = middle;
      else high = middle - 1;
    }
    const chunk = must(this.chunks[low], `record ${index}`);
    if (index < chunk.first || index >= chunk.first + chunk.count) throw new Error(`bug: no record ${index}`);
    return chunk;
  }

  private decode(index: number, chunk: TraceChunk, w: Uint32Array): TraceRecord {
    const head = w[0]!;
    const kind = must(RECORD_KINDS[head & 0xff], `record kind ${head & 0xff}`);
    const sub = (head >>> 8) & 0xff;
    const flag = (sub & 1) !== 0;
    const v6 = (sub & 2) !== 0;
    const extra = head >>> 16;
    const time = chunk.times[index - chunk.first]!;
    const netns = w[1]!;
    const dev = w[7]!;
    const at = { index, time, netns, skb: w[2]! as SkbId };
    const [a, b, c, d, e] = [w[3]!, w[4]!, w[5]!, w[6]!, w[7]!];
    switch (kind) {
      case "frame": {
        const from = a - chunk.firstByte;
        return {
          kind,
          ...at,
          dev,
          direction: flag ? "in" : "out",
          bytes: chunk.bytes.subarray(from, from + b),
          length: c,
          ...(extra !== 0 && { raw: true }),
        };
      }
      case "hook":
      case "rule":
      case "conntrack":
        return this.decodeNetfilter(kind, at, FAMILIES[sub], w);
      case "route":
      case "neigh":
      case "fdb":
      case "encap":
      case "decap":
        return this.decodeLookup(kind, at, { dev, flag, v6, extra, a, b, c, d });
      case "rewrite":
      case "deliver":
      case "consume":
      case "origin":
      case "drop":
        return this.decodeFate(kind, at, { dev, flag, v6, extra, a, b, c, d });
      case "change":
        return {
          kind,
          index,
          time,
          netns,
          table: TABLES[extra]!,
          key: this.text(a),
          before: b === 0 ? null : this.text(b),
          after: c === 0 ? null : this.text(c),
          actor: this.text(d),
          detail: this.text(e),
        };
      case "control":
        return { kind, index, time, component: this.text(a), place: this.text(b), text: this.text(c) };
    }
  }

  /** Records of hooks, rules and flows. */
  private decodeNetfilter(
    kind: "hook" | "rule" | "conntrack",
    at: Place,
    family: TraceFamily | undefined,
    w: Uint32Array,
  ): TraceRecord {
    const extra = w[0]! >>> 16;
    switch (kind) {
      case "hook":
        return { kind, ...at, family: family ?? "ip", hook: HOOKS[extra]!, inDev: w[3]!, outDev: w[4]! };
      case "rule":
        return {
          kind,
          ...at,
          family: family ?? "ip",
          table: this.text(w[3]!),
          chain: this.text(w[4]!),
          number: w[5]!,
          rule: w[6]!,
          verdict: this.text(w[7]!),
        };
      case "conntrack":
        return { kind, ...at, entry: w[3]!, state: CT_STATES[extra]! as CtState };
    }
  }

  /** Records of what was looked up, and of tunnels. */
  private decodeLookup(
    kind: "route" | "neigh" | "fdb" | "encap" | "decap",
    at: Place,
    w: Packed,
  ): TraceRecord {
    const { dev, flag, v6, extra, a, b, c, d } = w;
    switch (kind) {
      case "route":
        if (v6) {
          const ip6 = { dst: this.text(a), src: this.text(b), nexthop: this.text(d) };
          const result = ROUTE_RESULTS[extra]!;
          const purpose = flag ? "input" : "output";
          return { kind, ...at, purpose, dst: 0, src: 0, result, entry: c, outDev: dev, nexthop: 0, ip6 };
        }
        return {
          kind,
          ...at,
          purpose: flag ? "input" : "output",
          dst: a,
          src: b,
          result: ROUTE_RESULTS[extra]!,
          entry: c,
          outDev: dev,
          nexthop: d,
        };
      case "neigh":
        return {
          kind,
          ...at,
          dev,
          address: v6 ? 0 : a,
          ...(v6 && { ip6: this.text(a) }),
          result: NEIGH_RESULTS[extra]!,
          mac: b * 0x1_0000_0000 + c,
        };
      case "fdb":
        return {
          kind,
          ...at,
          dev,
          mac: a * 0x1_0000_0000 + b,
          result: FDB_RESULTS[extra]!,
          port: c,
          remote: d,
        };
      case "encap":
      case "decap":
        return { kind, ...at, dev, bytes: a, vni: b, local: c, remote: d };
    }
  }

  /** Records of what became of a packet. */
  private decodeFate(
    kind: "rewrite" | "deliver" | "consume" | "origin" | "drop",
    at: Place,
    w: Packed,
  ): TraceRecord {
    const { dev, flag, extra, a, b, c } = w;
    switch (kind) {
      case "rewrite": {
        const field = REWRITES[extra]!;
        if (!flag) return { kind, ...at, field, before: a, after: b };
        return { kind, ...at, field, before: 0, after: 0, beforeText: this.text(a), afterText: this.text(b) };
      }
      case "deliver":
        return { kind, ...at, protocol: a, port: b, owner: this.text(c) };
      case "consume":
        return { kind, ...at, by: this.text(a) };
      case "origin":
        return { kind, ...at, origin: ORIGINS[extra]!, from: a as SkbId, owner: this.text(b) };
      case "drop":
        return { kind, ...at, dev, reason: DROP_REASONS[extra]!, where: this.text(a) };
    }
  }
}
