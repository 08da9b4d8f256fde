/** RFC 6928. */
const INITIAL_WINDOW = 10;
const INFINITE = 0x7fffffff;

/**
 * How many segments may be on their way: slow start, congestion avoidance, recovery (RFC 5681, RFC 6582). Models the
 * reno of net/ipv4/tcp_cong.c; which algorithm is chosen shows in the pace only.
 */
export class CongestionWindow {
  segments = INITIAL_WINDOW;
  threshold = INFINITE;
  /** Recovery, or loss after a timeout, lasts until this sequence number is acknowledged. */
  recoverUntil = 0;
  state: "open" | "recovery" | "loss" = "open";
  private credit = 0;

  get slowStartThreshold(): number | undefined {
    return this.threshold === INFINITE ? undefined : this.threshold;
  }

  /** `count` segments were acknowledged while the window was full. */
  grow(count: number): void {
    let left = count;
    if (this.segments < this.threshold) {
      const step = Math.min(left, this.threshold - this.segments);
      this.segments += step;
      left -= step;
    }
    this.credit += left;
    while (this.credit >= this.segments) {
      this.credit -= this.segments;
      this.segments++;
    }
  }

  enterRecovery(inFlight: number, until: number): void {
    this.threshold = Math.max(inFlight >> 1, 2);
    this.segments = this.threshold;
    this.recoverUntil = until;
    this.state = "recovery";
  }

  enterLoss(inFlight: number, until: number): void {
    if (this.state !== "loss") this.threshold = Math.max(inFlight >> 1, 2);
    this.segments = 1;
    this.recoverUntil = until;
    this.state = "loss";
  }
}
