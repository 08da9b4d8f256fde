import {
  DROP_REASONS,
  type DropReason,
  FDB_RESULTS,
  type FdbResult,
  HOOKS,
  type HookName,
  NEIGH_RESULTS,
  type NeighResult,
  ORIGINS,
  type OriginName,
  RECORD_KINDS,
  type RecordKind,
  type RewriteField,
  REWRITES,
  ROUTE_RESULTS,
  type RouteResult,
  TABLES,
  type TableName,
} from "./record.ts";

/** 32-bit words of one packed record (its time is kept beside, as a double). */
export const WORDS = 8;

/** A stretch of a trace, ready to cross to the page: buffers are exact copies, to be transferred. */
export interface TraceChunk {
  readonly first: number;
  readonly count: number;
  /** WORDS u32 a record. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** One double a record: virtual nanoseconds. */
  readonly times: Float64Array<ArrayBuffer>;
  /** Offset of `bytes` in the whole trace's frame bytes. */
  readonly firstByte: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Texts interned since the last chunk, numbered from `firstText`. */
  readonly firstText: number;
  readonly texts: readonly string[];
}

function numbering<T extends string>(names: readonly T[]): Readonly<Record<T, number>> {
  return Object.fromEntries(names.map((name, i) => [name, i])) as Record<T, number>;
}

const KIND = numbering<RecordKind>(RECORD_KINDS);
const HOOK = numbering<HookName>(HOOKS);
const ORIGIN = numbering<OriginName>(ORIGINS);
const REASON = numbering<DropReason>(DROP_REASONS);
const TABLE = numbering<TableName>(TABLES);
const FDB = numbering<FdbResult>(FDB_RESULTS);
const NEIGH = numbering<NeighResult>(NEIGH_RESULTS);
const REWRITE = numbering<RewriteField>(REWRITES);
const ROUTE = numbering<RouteResult>(ROUTE_RESULTS);

/** Bit of a route's or neighbour's head: the addresses are texts. */
export const IPV6 = 0x200;

/**
 * Packs records into growing typed arrays. Layout of a record's words: 0 = kind | sub << 8 | extra << 16,
 * 1 = netns, 2 = skb, 3 to 6 by kind, 7 = device (see `TraceReader`). Texts are interned; number 0 is "".
 */
export class TraceWriter {
  /** Set by the clock's owner before records are written. */
  private readonly clock: { readonly now: number };
  private words = new Uint32Array(WORDS * 4096);
  private times = new Float64Array(4096);
  private bytes = new Uint8Array(1 << 19);
  private count = 0;
  private byteCount = 0;
  private readonly texts: string[] = [""];
  private readonly textNumbers = new Map<string, number>([["", 0]]);
  private takenTexts = 0;
  /** Records dropped from the front by `take`. */
  private base = 0;
  private baseByte = 0;

  constructor(clock: { readonly now: number }) {
    this.clock = clock;
  }

  /** Records written since the world began. */
  get length(): number {
    return this.base + this.count;
  }

  text(value: string): number {
    let n = this.textNumbers.get(value);
    if (n === undefined) {
      n = this.texts.length;
      this.texts.push(value);
      this.textNumbers.set(value, n);
    }
    return n;
  }

  frame(
    netns: number,
    dev: number,
    incoming: boolean,
    skb: number,
    buf: Uint8Array,
    from: number,
    to: number,
    length: number,
    raw = false,
  ): void {
    const n = to - from;
    if (this.byteCount + n > this.bytes.length) this.growBytes(n);
    const at = this.byteCount;
    const bytes = this.bytes;
    if (n > 96) bytes.set(buf.subarray(from, to), at);
    else for (let i = 0; i < n; i++) bytes[at + i] = buf[from + i]!;
    this.byteCount = at + n;
    this.put(
      KIND.frame | (incoming ? 0x100 : 0) | (raw ? 0x10000 : 0),
      netns,
      skb,
      this.baseByte + at,
      n,
      length,
      0,
      dev,
    );
  }

  /** `family` is an index of FAMILIES. */
  hook(netns: number, family: number, hook: HookName, skb: number, inDev: number, outDev: number): void {
    this.put(KIND.hook | (family << 8) | (HOOK[hook] << 16), netns, skb, inDev, outDev, 0, 0, 0);
  }

  /** `number` 0 is the policy of the chain. */
  rule(
    netns: number,
    skb: number,
    family: number,
    table: string,
    chain: string,
    number: number,
    rule: number,
    verdict: string,
  ): void {
    this.put(
      KIND.rule | (family << 8),
      netns,
      skb,
      this.text(table),
      this.text(chain),
      number,
      rule,
      this.text(verdict),
    );
  }

  route(
    netns: number,
    input: boolean,
    skb: number,
    dst: number,
    src: number,
    result: RouteResult,
    entry: number,
    outDev: number,
    nexthop: number,
  ): void {
    this.put(
      KIND.route | (input ? 0x100 : 0) | (ROUTE[result] << 16),
      netns,
      skb,
      dst,
      src,
      entry,
      nexthop,
      outDev,
    );
  }

  /** As `route`, for IPv6: the addresses are texts (`text`), 0 for none. */
  route6(
    netns: number,
    input: boolean,
    skb: number,
    dst: number,
    src: number,
    result: RouteResult,
    entry: number,
    outDev: number,
    nexthop: number,
  ): void {
    const head = KIND.route | IPV6 | (input ? 0x100 : 0) | (ROUTE[result] << 16);
    this.put(head, netns, skb, dst, src, entry, nexthop, outDev);
  }

  /** As `neigh`, for IPv6: the address is a text. */
  neigh6(netns: number, dev: number, skb: number, address: number, result: NeighResult, mac: number): void {
    const head = KIND.neigh | IPV6 | (NEIGH[result] << 16);
    this.put(head, netns, skb, address, Math.floor(mac / 0x1_0000_0000), mac >>> 0, 0, dev);
  }

  neigh(netns: number, dev: number, skb: number, address: number, result: NeighResult, mac: number): void {
    this.put(
      KIND.neigh | (NEIGH[result] << 16),
      netns,
      skb,
      address,
      Math.floor(mac / 0x1_0000_0000),
      mac >>> 0,
      0,
      dev,
    );
  }

  fdb(
    netns: number,
    dev: number,
    skb: number,
    mac: number,
    result: FdbResult,
    port: number,
    remote: number,
  ): void {
    this.put(
      KIND.fdb | (FDB[result] << 16),
      netns,
      skb,
      Math.floor(mac / 0x1_0000_0000),
      mac >>> 0,
      port,
      remote,
      dev,
    );
  }

  tunnel(
    encap: boolean,
    netns: number,
    dev: number,
    skb: number,
    bytes: number,
    vni: number,
    local: number,
    remote: number,
  ): void {
    this.put(encap ? KIND.encap : KIND.decap, netns, skb, bytes, vni, local, remote, dev);
  }

  ttl(netns: number, skb: number, before: number, after: number): void {
    this.put(KIND.rewrite, netns, skb, before, after, 0, 0, 0);
  }

  rewrite(netns: number, skb: number, field: RewriteField, before: number, after: number): void {
    this.put(KIND.rewrite | (REWRITE[field] << 16), netns, skb, before, after, 0, 0, 0);
  }

  /** For IPv6 addresses. */
  rewriteText(netns: number, skb: number, field: RewriteField, before: string, after: string): void {
    const head = KIND.rewrite | 0x100 | (REWRITE[field] << 16);
    this.put(head, netns, skb, this.text(before), this.text(after), 0, 0, 0);
  }

  /** `info` is an index of CT_STATES. */
  conntrack(netns: number, skb: number, entry: number, info: number): void {
    this.put(KIND.conntrack | (info << 16), netns, skb, entry, 0, 0, 0, 0);
  }

  deliver(netns: number, skb: number, protocol: number, port: number, owner: string): void {
    this.put(KIND.deliver, netns, skb, protocol, port, this.text(owner), 0, 0);
  }

  consume(netns: number, skb: number, by: string): void {
    this.put(KIND.consume, netns, skb, this.text(by), 0, 0, 0, 0);
  }

  origin(netns: number, skb: number, origin: OriginName, from: number, owner: string): void {
    this.put(KIND.origin | (ORIGIN[origin] << 16), netns, skb, from, this.text(owner), 0, 0, 0);
  }

  drop(netns: number, dev: number, skb: number, reason: DropReason, where: string): void {
    this.put(KIND.drop | (REASON[reason] << 16), netns, skb, this.text(where), 0, 0, 0, dev);
  }

  /** `before` and `after` are rows, kept as JSON; null for "was not there" and "is no more". */
  change(
    table: TableName,
    netns: number,
    key: string,
    before: unknown,
    after: unknown,
    actor: string,
    detail: string,
  ): void {
    const b = before === null ? 0 : this.text(JSON.stringify(before));
    const a = after === null ? 0 : this.text(JSON.stringify(after));
    this.put(
      KIND.change | (TABLE[table] << 16),
      netns,
      0,
      this.text(key),
      b,
      a,
      this.text(actor),
      this.text(detail),
    );
  }

  control(component: string, place: string, text: string): void {
    this.put(KIND.control, 0, 0, this.text(component), this.text(place), this.text(text), 0, 0);
  }

  /** What was written since the last take, and forgets it here: the receiver keeps the whole trace. */
  take(): TraceChunk {
    const chunk: TraceChunk = {
      first: this.base,
      count: this.count,
      words: this.words.slice(0, this.count * WORDS),
      times: this.times.slice(0, this.count),
      firstByte: this.baseByte,
      bytes: this.bytes.slice(0, this.byteCount),
      firstText: this.takenTexts,
      texts: this.texts.slice(this.takenTexts),
    };
    this.base += this.count;
    this.baseByte += this.byteCount;
    this.count = 0;
    this.byteCount = 0;
    this.takenTexts = this.texts.length;
    return chunk;
  }

  private put(
    head: number,
    place: number,
    skb: number,
    a: number,
    b: number,
    c: number,
    d: number,
    e: number,
  ): void {
    if (this.count === this.times.length) this.growRecords();
    const n = this.count++;
    const w = this.words;
    let o = n * WORDS;
    w[o++] = head;
    w[o++] = place;
    w[o++] = skb;
    w[o++] = a;
    w[o++] = b;
    w[o++] = c;
    w[o++] = d;
    w[o] = e;
    this.times[n] = this.clock.now;
  }

  private growRecords(): void {
    const words = new Uint32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    const times = new Float64Array(this.times.length * 2);
    times.set(this.times);
    this.times = times;
  }

  private growBytes(need: number): void {
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, this.byteCount + need));
    bytes.set(this.bytes.subarray(0, this.byteCount));
    this.bytes = bytes;
  }
}
