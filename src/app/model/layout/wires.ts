/** A place on the board, in the board's own units. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * The ways that a token can go: named spots and crossings, joined by straight pieces of wire. Tokens follow the
 * shortest way along the wires, so that they never fly across boxes.
 */
export class Wires {
  private readonly points = new Map<string, Point>();
  private readonly joined = new Map<string, Set<string>>();

  private readonly stands = new Map<string, string>();
  /** Ways that were searched; null where none leads. Forgotten when a wire is laid. */
  private readonly known = new Map<string, readonly string[] | null>();

  /** A spot that has no place of its own on the board: what is there is drawn at another one. */
  standIn(id: string, place: string): void {
    this.stands.set(id, place);
  }

  /** Takes over another plan's wires, moved down by `dy`. */
  take(other: Wires, dy: number): void {
    for (const [id, { x, y }] of other.points) this.points.set(id, { x, y: y + dy });
    for (const [id, set] of other.joined) {
      const own = this.neighbours(id);
      for (const next of set) own.add(next);
    }
  }

  /** The id under which a spot is on the wires. `dev/7/2` stands where namespace 7 does, when it has no place itself. */
  private resolve(id: string): string {
    if (this.points.has(id) || this.stands.size === 0) return id;
    const netns = /^[a-z]+\/(\d+)/.exec(id)?.[1];
    return (netns === undefined ? undefined : this.stands.get(netns)) ?? id;
  }

  put(id: string, x: number, y: number): string {
    if (this.known.size > 0) this.known.clear();
    this.points.set(id, { x, y });
    return id;
  }

  /** Joins each of the named points with the next. */
  join(...ids: readonly string[]): void {
    if (this.known.size > 0) this.known.clear();
    for (let i = 1; i < ids.length; i++) {
      const [a, b] = [ids[i - 1]!, ids[i]!];
      if (!this.points.has(a) || !this.points.has(b)) continue;
      this.neighbours(a).add(b);
      this.neighbours(b).add(a);
    }
  }

  at(id: string): Point | undefined {
    return this.points.get(this.resolve(id));
  }

  get ids(): readonly string[] {
    return [...this.points.keys()];
  }

  /** The way from one point to another; a straight line when no wire joins them. */
  way(source: string, target: string): readonly Point[] {
    const [from, to] = [this.resolve(source), this.resolve(target)];
    const [start, end] = [this.points.get(from), this.points.get(to)];
    if (start === undefined || end === undefined) return [start ?? end ?? { x: 0, y: 0 }];
    if (from === to) return [start];
    const ids = this.path(from, to);
    return ids === undefined ? [start, end] : straighten(ids.map((id) => this.points.get(id)!));
  }

  /**
   * Ids from one end to the other. Dead ends have one way out, which is walked at once; between where they lead, ways are
   * found once: of a thousand nodes on one switch nearly all ways are the same there.
   */
  private path(from: string, to: string): readonly string[] | undefined {
    const out = this.walkOut(from, to);
    if (out.at(-1) === to) return out;
    const back = this.walkOut(to, from);
    const met = out.findIndex((id) => back.includes(id));
    if (met >= 0) return [...out.slice(0, met + 1), ...back.slice(0, back.indexOf(out[met]!)).toReversed()];
    const [a, b] = [out.at(-1)!, back.at(-1)!];
    const key = `${a}|${b}`;
    let between = this.known.get(key);
    if (between === undefined) {
      between = this.search(a, b);
      this.known.set(key, between);
    }
    if (between === null) return undefined;
    return [...out.slice(0, -1), ...between, ...back.toReversed().slice(1)];
  }

  /** From a dead end to where there is a choice, or to `goal`. */
  private walkOut(from: string, goal: string): string[] {
    const walked = [from];
    let before: string | undefined;
    for (let id = from; id !== goal;) {
      let next: string | undefined;
      for (const other of this.joined.get(id) ?? []) {
        if (other === before) continue;
        if (next !== undefined) return walked;
        next = other;
      }
      if (next === undefined || walked.length > LONGEST_DEAD_END) return walked;
      before = id;
      id = next;
      walked.push(id);
    }
    return walked;
  }

  private search(from: string, to: string): readonly string[] | null {
    if (from === to) return [from];
    const before = this.explore(from, to);
    if (!before.has(to)) return null;
    const ids: string[] = [];
    for (let id: string | undefined = to; id !== undefined; id = id === from ? undefined : before.get(id))
      ids.push(id);
    return ids.reverse();
  }

  /** Whether wires lead from one point to another. */
  reaches(source: string, target: string): boolean {
    const [from, to] = [this.resolve(source), this.resolve(target)];
    return from === to || this.explore(from, to).has(to);
  }

  private neighbours(id: string): Set<string> {
    let set = this.joined.get(id);
    if (set === undefined) {
      set = new Set();
      this.joined.set(id, set);
    }
    return set;
  }

  /** Dijkstra; answers for each point reached the one before it. */
  private explore(from: string, to: string): Map<string, string> {
    const distance = new Map([[from, 0]]);
    const before = new Map<string, string>();
    const done = new Set<string>();
    const open = new Nearest();
    open.push(from, 0);
    for (let nearest = open.pop(); nearest !== undefined; nearest = open.pop()) {
      if (done.has(nearest)) continue;
      if (nearest === to) break;
      done.add(nearest);
      const walked = distance.get(nearest)!;
      const here = this.points.get(nearest)!;
      for (const next of this.joined.get(nearest) ?? []) {
        const length = walked + span(here, this.points.get(next)!);
        if (length >= (distance.get(next) ?? Infinity)) continue;
        distance.set(next, length);
        before.set(next, nearest);
        open.push(next, length);
      }
    }
    return before;
  }
}

/** Points that a dead end has at most; more are walked as any way is. */
const LONGEST_DEAD_END = 40;

/** A binary heap: the id with the least length first, of equals the one that came first. */
class Nearest {
  private readonly ids: string[] = [];
  private readonly lengths: number[] = [];
  private readonly turns: number[] = [];
  private count = 0;

  push(id: string, length: number): void {
    const { ids, lengths, turns } = this;
    let at = ids.length;
    const turn = this.count++;
    ids.push(id);
    lengths.push(length);
    turns.push(turn);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.isBefore(at, parent)) break;
      this.swap(at, parent);
      at = parent;
    }
  }

  pop(): string | undefined {
    const { ids, lengths, turns } = this;
    const first = ids[0];
    if (first === undefined) return undefined;
    this.swap(0, ids.length - 1);
    ids.pop();
    lengths.pop();
    turns.pop();
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (left < ids.length && this.isBefore(left, least)) least = left;
      if (right < ids.length && this.isBefore(right, least)) least = right;
      if (least === at) return first;
      this.swap(at, least);
      at = least;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const gap = this.lengths[a]! - this.lengths[b]!;
    return gap < 0 || (gap === 0 && this.turns[a]! < this.turns[b]!);
  }

  private swap(a: number, b: number): void {
    for (const list of [this.lengths, this.turns]) [list[a], list[b]] = [list[b]!, list[a]!];
    [this.ids[a], this.ids[b]] = [this.ids[b]!, this.ids[a]!];
  }
}

export function span(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** Without points that lie between their neighbours on one line, and without repetitions. */
export function straighten(points: readonly Point[]): readonly Point[] {
  const moving = points.filter((p, i) => i === 0 || span(points[i - 1]!, p) > 0);
  return moving.filter((p, i) => {
    const [a, b] = [moving[i - 1], moving[i + 1]];
    if (a === undefined || b === undefined) return true;
    return Math.abs((p.x - a.x) * (b.y - a.y) - (p.y - a.y) * (b.x - a.x)) > 1e-6;
  });
}

/** Number of points in a look-up table of a way. */
export const SAMPLES = 33;

/** Points at even distances along a way, so that a token moves at an even pace. */
export function sample(way: readonly Point[]): readonly Point[] {
  const first = way[0] ?? { x: 0, y: 0 };
  const total = way.reduce((sum, p, i) => sum + (i === 0 ? 0 : span(way[i - 1]!, p)), 0);
  if (total === 0) return Array.from({ length: SAMPLES }, () => first);
  const out: Point[] = [];
  let piece = 0;
  let walked = 0;
  for (let i = 0; i < SAMPLES; i++) {
    const goal = (total * i) / (SAMPLES - 1);
    while (piece < way.length - 2 && walked + span(way[piece]!, way[piece + 1]!) < goal) {
      walked += span(way[piece]!, way[piece + 1]!);
      piece++;
    }
    const [a, b] = [way[piece]!, way[piece + 1] ?? way[piece]!];
    const part = Math.min(1, (goal - walked) / (span(a, b) || 1));
    out.push({ x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part });
  }
  return out;
}

/** The point of a sampled way at `part` (0 to 1) of its length. */
export function along(samples: readonly Point[], part: number): Point {
  const scaled = Math.max(0, Math.min(1, part)) * (samples.length - 1);
  const i = Math.min(samples.length - 2, Math.floor(scaled));
  const [a, b] = [samples[i]!, samples[i + 1] ?? samples[i]!];
  return { x: a.x + (b.x - a.x) * (scaled - i), y: a.y + (b.y - a.y) * (scaled - i) };
}
