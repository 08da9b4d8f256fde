import { millis, type Nanos, seconds } from "../../sim/time.ts";

export const RTO_MIN = millis(200);
export const RTO_MAX = seconds(120);
/** TCP_TIMEOUT_INIT: RFC 6298, section 2.1. */
export const RTO_INITIAL = seconds(1);

/**
 * Round-trip time and retransmission timeout (RFC 6298), with Linux's floor: the variance never counts less than 200 ms.
 * Models: tcp_rtt_estimator, tcp_set_rto.
 */
export class RttEstimator {
  /** 0 until the first sample. */
  smoothed = 0 as Nanos;
  variance = RTO_INITIAL;
  private base = RTO_INITIAL;
  /** How often the timeout was doubled since something was acknowledged. */
  backoff = 0;

  sample(rtt: Nanos): void {
    const measured = Math.max(1000, rtt);
    if (this.smoothed === 0) {
      this.smoothed = measured as Nanos;
      this.variance = Math.max(2 * measured, RTO_MIN) as Nanos;
    } else {
      const error = Math.abs(measured - this.smoothed);
      this.smoothed = (this.smoothed + (measured - this.smoothed) / 8) as Nanos;
      this.variance = Math.max(this.variance + (4 * error - this.variance) / 4, RTO_MIN) as Nanos;
    }
    this.base = Math.min(this.smoothed + this.variance, RTO_MAX) as Nanos;
    this.backoff = 0;
  }

  get timeout(): Nanos {
    return Math.min(this.base * 2 ** this.backoff, RTO_MAX) as Nanos;
  }

  /** How long to wait before a probe for a lost tail; `alone`: one segment is on its way. Models: tcp_schedule_loss_probe. */
  probeTimeout(alone: boolean): Nanos {
    const wait = this.smoothed === 0 ? RTO_INITIAL : 2 * this.smoothed + (alone ? RTO_MIN : millis(2));
    return Math.min(wait, this.timeout) as Nanos;
  }
}

/** Time after which `retries` doublings of `first` are used up. Models: tcp_model_timeout. */
export function modelTimeout(retries: number, first: Nanos): Nanos {
  const doublings = Math.floor(Math.log2(RTO_MAX / first));
  if (retries <= doublings) return ((2 * 2 ** retries - 1) * first) as Nanos;
  return ((2 * 2 ** doublings - 1) * first + (retries - doublings) * RTO_MAX) as Nanos;
}
