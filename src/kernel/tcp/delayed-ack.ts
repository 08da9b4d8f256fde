import { millis, type Nanos } from "../../sim/time.ts";

/** Least and usual time that an acknowledgement waits for data to ride on. Models: TCP_ATO_MIN. */
export const ATO_MIN = millis(40);
/** Acknowledgements that are sent at once while the sender's window opens. Models: TCP_MAX_QUICKACKS. */
const MAX_QUICK = 16;

/**
 * When to acknowledge: at once at the beginning of a stream, later once the application answers what it hears ("ping-pong").
 * Models: struct inet_connection_sock icsk_ack.
 */
export class DelayedAck {
  private quick = 0;
  /** 0 until the first data. */
  private timeout = 0 as Nanos;
  private pingPong = false;
  private lastData: Nanos;
  /** An acknowledgement is owed. */
  scheduled = false;

  constructor(now: Nanos) {
    this.lastData = now;
  }

  get isQuick(): boolean {
    return this.quick > 0 && !this.pingPong;
  }

  get isPingPong(): boolean {
    return this.pingPong;
  }

  get delay(): Nanos {
    return this.timeout === 0 ? ATO_MIN : this.timeout;
  }

  get lastReceived(): Nanos {
    return this.lastData;
  }

  /** Models: tcp_event_data_recv. */
  dataReceived(now: Nanos, rto: Nanos): void {
    this.scheduled = true;
    if (this.timeout === 0 || now - this.lastData > rto) this.quick = MAX_QUICK;
    this.timeout = ATO_MIN;
    this.lastData = now;
  }

  /** Models: tcp_event_data_sent: the application answers. */
  dataSent(now: Nanos): void {
    if (now - this.lastData < this.timeout) this.pingPong = true;
  }

  /** A gap, or data twice: the sender must learn at once. Models: tcp_enter_quickack_mode. */
  hurry(): void {
    this.quick = MAX_QUICK;
    this.pingPong = false;
    this.timeout = ATO_MIN;
  }

  /** The peer will send no more. */
  ended(): void {
    this.scheduled = true;
    this.pingPong = true;
  }

  /** Something with an acknowledgement went out. Models: tcp_event_ack_sent. */
  sent(): void {
    if (this.quick > 0) this.quick--;
    this.scheduled = false;
  }

  /** Nobody answered while it waited. Models: tcp_delack_timer_handler. */
  expired(): void {
    this.pingPong = false;
    this.timeout = ATO_MIN;
  }
}
