import type { TraceReader } from "../../trace/reader.ts";
import type { Cast } from "./cast.ts";
import { type Scene, spot } from "./layout/scene.ts";
import { type Point, span } from "./layout/wires.ts";
import { Packets, type PacketRecord } from "./packets.ts";
import { isLoss } from "./loss.ts";

/** How a packet ends: taken, lost by a rule or a failure, or a copy that nobody wanted. */
export type Fate = "taken" | "lost" | "unwanted" | "going";

/** One packet as a moving dot: points of its way and when it is there, in milliseconds of the show. */
export interface Mote {
  readonly skb: number;
  readonly start: number;
  readonly end: number;
  readonly times: Float32Array;
  readonly xs: Float32Array;
  readonly ys: Float32Array;
  readonly tone: "app" | "transport" | "l2" | "tunnel";
  readonly fate: Fate;
}

export interface Traffic {
  readonly motes: readonly Mote[];
  /** Milliseconds that the show takes. */
  readonly duration: number;
}

/** Milliseconds for each station: nothing is too fast to be seen. */
const STATION_MS = 130;
/** The first packets of a show leave within this time, in the order in which they left in the world. */
const SPREAD_MS = 4_000;

function spotOf(record: PacketRecord, cast: Cast): string | undefined {
  if (record.kind === "frame" || record.kind === "encap" || record.kind === "decap")
    return spot.device(record.netns, record.dev);
  if (record.kind === "hook" && record.family === "ip" && record.hook === "FORWARD")
    return cast.place(record.netns)?.kind === "room"
      ? spot.hook(record.netns, "forward", "FORWARD")
      : undefined;
  return record.kind === "deliver" ? spot.app(record.netns) : undefined;
}

function fateOf(records: readonly PacketRecord[], hasHeirs: boolean): Fate {
  const last = records.at(-1);
  if (last?.kind === "deliver" || last?.kind === "consume" || hasHeirs) return "taken";
  if (last?.kind !== "drop") return "going";
  return last.reason === "OTHERHOST" || !isLoss(last) ? "unwanted" : "lost";
}

function toneOf(records: readonly PacketRecord[]): Mote["tone"] {
  const first = records.find((record) => record.kind === "origin");
  if (first?.kind === "origin" && /^(arp|neighbour)-/.test(first.origin)) return "l2";
  if (records.some(({ kind }) => kind === "encap")) return "tunnel";
  return first?.kind === "origin" && first.origin === "tcp" ? "transport" : "app";
}

/** Ways over the wires, found once for each pair of spots. */
class Ways {
  private readonly scene: Scene;
  private readonly known = new Map<string, readonly Point[]>();

  constructor(scene: Scene) {
    this.scene = scene;
  }

  between(from: string, to: string): readonly Point[] {
    const key = `${from}|${to}`;
    let way = this.known.get(key);
    if (way === undefined) {
      way = this.scene.wires.at(to) === undefined ? [] : this.scene.wires.way(from, to);
      this.known.set(key, way);
    }
    return way;
  }
}

function moteOf(
  records: readonly PacketRecord[],
  skb: number,
  start: number,
  ways: Ways,
  cast: Cast,
  hasHeirs: boolean,
): Mote | undefined {
  const points: Point[] = [];
  const times: number[] = [];
  let at: string | undefined;
  let now = start;
  for (const record of records) {
    const to = spotOf(record, cast);
    if (to === undefined || to === at) continue;
    const way = ways.between(at ?? to, to);
    const total = way.reduce((sum, p, i) => sum + (i === 0 ? 0 : span(way[i - 1]!, p)), 0) || 1;
    let walked = 0;
    way.forEach((p, i) => {
      walked += i === 0 ? 0 : span(way[i - 1]!, p);
      points.push(p);
      times.push(now + (STATION_MS * walked) / total);
    });
    if (way.length > 0) at = to;
    now += STATION_MS;
  }
  if (points.length === 0) return undefined;
  return {
    skb,
    start,
    end: now,
    times: Float32Array.from(times),
    xs: Float32Array.from(points, ({ x }) => x),
    ys: Float32Array.from(points, ({ y }) => y),
    tone: toneOf(records),
    fate: fateOf(records, hasHeirs),
  };
}

/**
 * Every packet between two records as a moving dot, copies of broadcasts included. The order is the world's; the pace is not:
 * a packet needs a fixed time for each station, and one that another gave rise to leaves when that one has come so far.
 */
export function trafficOf(
  reader: TraceReader,
  { from, to }: { readonly from: number; readonly to: number },
  scene: Scene,
  cast: Cast,
): Traffic {
  const packets = new Packets(reader, from, to);
  const ways = new Ways(scene);
  const made = new Map<number, Mote>();
  const roots = packets.origins.filter(({ from: parent }) => parent === 0 || packets.of(parent).length === 0);
  const [first, last] = [roots[0]?.index ?? from, roots.at(-1)?.index ?? to];
  for (const origin of packets.origins) {
    const parent = made.get(origin.from);
    const share = (origin.index - first) / Math.max(1, last - first);
    const isCopy = origin.origin === "clone" || origin.origin === "fragment";
    const cause = parent === undefined ? undefined : isCopy ? (parent.start + parent.end) / 2 : parent.end;
    const start = cause ?? share * SPREAD_MS;
    const records = packets.of(origin.skb);
    const mote = moteOf(records, origin.skb, start, ways, cast, packets.children(origin.skb).length > 0);
    if (mote !== undefined) made.set(origin.skb, mote);
  }
  const motes = [...made.values()].toSorted((a, b) => a.start - b.start);
  return { motes, duration: motes.reduce((most, { end }) => Math.max(most, end), 0) };
}

/** Where a mote is at a time; writes into `into` so that nothing is allocated per frame. */
export function moteAt({ times, xs, ys }: Mote, time: number, into: { x: number; y: number }): void {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle]! <= time) low = middle;
    else high = middle - 1;
  }
  const next = Math.min(low + 1, times.length - 1);
  const gap = times[next]! - times[low]!;
  const part = gap <= 0 ? 0 : Math.min(1, Math.max(0, (time - times[low]!) / gap));
  into.x = xs[low]! + (xs[next]! - xs[low]!) * part;
  into.y = ys[low]! + (ys[next]! - ys[low]!) * part;
}
