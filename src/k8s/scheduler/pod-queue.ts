/** Pods that wait to be looked at: the highest priority first, then the oldest. Models: scheduler activeQ. */
export class PodQueue {
  private readonly levels = new Map<number, { keys: string[]; from: number }>();
  private priorities: number[] = [];
  private readonly waiting = new Set<string>();

  get size(): number {
    return this.waiting.size;
  }

  add(key: string, priority: number): void {
    if (this.waiting.has(key)) return;
    this.waiting.add(key);
    let level = this.levels.get(priority);
    if (level === undefined) {
      level = { keys: [], from: 0 };
      this.levels.set(priority, level);
      this.priorities = [...this.levels.keys()].toSorted((a, b) => b - a);
    }
    level.keys.push(key);
  }

  take(): string | undefined {
    for (const priority of this.priorities) {
      const level = this.levels.get(priority)!;
      const key = level.keys[level.from];
      if (key === undefined) continue;
      level.from++;
      if (level.from > 1000 && level.from * 2 > level.keys.length) {
        level.keys.splice(0, level.from);
        level.from = 0;
      }
      this.waiting.delete(key);
      return key;
    }
    return undefined;
  }
}
