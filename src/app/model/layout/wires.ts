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

  put(id: string, x: number, y: number): string {
    this.points.set(id, { x, y });
    return id;
  }

  /** Joins each of the named points with the next. */
  join(...ids: readonly string[]): void {
    for (let i = 1; i < ids.length; i++) {
      const [a, b] = [ids[i - 1]!, ids[i]!];
      if (!this.points.has(a) || !this.points.has(b)) continue;
      this.neighbours(a).add(b);
      this.neighbours(b).add(a);
    }
  }

  at(id: string): Point | undefined {
    return this.points.get(id);
  }

  get ids(): readonly string[] {
    return [...this.points.keys()];
  }

  /** The way from one point to another; a straight line when no wire joins them. */
  way(from: string, to: string): readonly Point[] {
    const [start, end] = [this.points.get(from), this.points.get(to)];
    if (start === undefined || end === undefined) return [start ?? end ?? { x: 0, y: 0 }];
    const before = this.explore(from, to);
    if (from !== to && !before.has(to)) return [start, end];
    const way: Point[] = [];
    for (let id: string | undefined = to; id !== undefined; id = id === from ? undefined : before.get(id))
      way.push(this.points.get(id)!);
    return straighten(way.reverse());
  }

  /** Whether wires lead from one point to another. */
  reaches(from: string, to: string): boolean {
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
    const open = new Set([from]);
    while (open.size > 0) {
      let nearest = "";
      for (const id of open) if (nearest === "" || distance.get(id)! < distance.get(nearest)!) nearest = id;
      if (nearest === to) break;
      open.delete(nearest);
      for (const next of this.joined.get(nearest) ?? []) {
        const length = distance.get(nearest)! + span(this.points.get(nearest)!, this.points.get(next)!);
        if (length >= (distance.get(next) ?? Infinity)) continue;
        distance.set(next, length);
        before.set(next, nearest);
        open.add(next);
      }
    }
    return before;
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
