/** What ping counts and how it sums it up. Models: iputils ping/ping_common.c. Times are microseconds. */

/** llsqrt(): the integer square root. */
function integerRoot(value: number): number {
  return Math.floor(Math.sqrt(value));
}

/** `0.071`: microseconds as milliseconds. */
function millis(micros: number): string {
  return `${Math.trunc(micros / 1000)}.${String(micros % 1000).padStart(3, "0")}`;
}

/** printf's %g. */
function general(value: number): string {
  return String(Number(value.toPrecision(6)));
}

export class Statistics {
  sent = 0;
  received = 0;
  repeats = 0;
  corrupted = 0;
  errors = 0;
  /** Highest number of packets in flight at an answer. */
  pipe = 0;
  smallest = Number.MAX_SAFE_INTEGER;
  largest = 0;
  /** Eight times the moving average. */
  smoothed = 0;
  private sum = 0;
  private squares = 0;
  private acknowledged = 0;
  private readonly seen = new Set<number>();

  /** A packet left: its number may be answered once more. */
  advance(): void {
    this.sent++;
    this.seen.delete((this.sent + 1) & 0xffff);
  }

  wasAnswered(sequence: number): boolean {
    return this.seen.has(sequence & 0xffff);
  }

  /** False when this number was answered before. */
  answer(sequence: number): boolean {
    const first = !this.seen.has(sequence);
    this.seen.add(sequence);
    if (first) this.received++;
    else this.repeats++;
    return first;
  }

  acknowledge(sequence: number): void {
    const behind = (this.sent - sequence) & 0xffff;
    if (behind > 0x7fff) return;
    this.pipe = Math.max(this.pipe, behind + 1);
    const ahead = (sequence - this.acknowledged) & 0xffff;
    if ((ahead > 0 && ahead <= 0x7fff) || (this.sent & 0xffff) - this.acknowledged > 0x7fff)
      this.acknowledged = sequence;
  }

  get inFlight(): number {
    const behind = (this.sent - this.acknowledged) & 0xffff;
    return behind <= 0x7fff ? behind : this.sent - this.received - this.errors;
  }

  time(micros: number): void {
    this.sum += micros;
    this.squares += micros * micros;
    this.smallest = Math.min(this.smallest, micros);
    this.largest = Math.max(this.largest, micros);
    if (this.smoothed === 0) this.smoothed = micros * 8;
    else this.smoothed += micros - Math.trunc(this.smoothed / 8);
  }

  private get loss(): number {
    return ((this.sent - this.received) * 100) / this.sent;
  }

  /** The last lines. `spanMs`: from the first packet sent to the last; `perPacket`: a flood, which tells the gap. */
  summary(target: string, spanMs: number, timed: boolean, perPacket: boolean): string {
    const counts = [
      [this.repeats, "duplicates"],
      [this.corrupted, "corrupted"],
      [this.errors, "errors"],
    ] as const;
    let text = `\n--- ${target} ping statistics ---\n${this.sent} packets transmitted, ${this.received} received`;
    for (const [count, name] of counts) if (count > 0) text += `, +${count} ${name}`;
    if (this.sent > 0) text += `, ${general(this.loss)}% packet loss, time ${Math.round(spanMs)}ms`;
    const tail: string[] = [];
    if (this.received > 0 && timed) tail.push(this.times());
    if (this.pipe > 1) tail.push(`pipe ${this.pipe}`);
    if (this.received > 0 && perPacket && this.sent > 1) {
      const gap = Math.trunc((spanMs * 1000) / (this.sent - 1));
      tail.push(`ipg/ewma ${millis(gap)}/${millis(Math.trunc(this.smoothed / 8))} ms`);
    }
    return `${text}\n${tail.join(", ")}\n`;
  }

  private times(): string {
    const total = this.received + this.repeats;
    const average = Math.trunc(this.sum / total);
    const variance = Math.trunc((this.squares - Math.trunc((this.sum * this.sum) / total)) / total);
    const parts = [this.smallest, average, this.largest, integerRoot(variance)].map(millis);
    return `rtt min/avg/max/mdev = ${parts.join("/")} ms`;
  }

  /** SIGQUIT: one line on standard error. */
  snapshot(timed: boolean): string {
    const loss = this.sent === 0 ? 0 : Math.trunc(this.loss);
    let text = `${this.received}/${this.sent} packets, ${loss}% loss`;
    if (this.received > 0 && timed) {
      const average = Math.trunc(this.sum / (this.received + this.repeats));
      const parts = [this.smallest, average, Math.trunc(this.smoothed / 8), this.largest].map(millis);
      text += `, min/avg/ewma/max = ${parts.join("/")} ms`;
    }
    return text + "\n";
  }
}
