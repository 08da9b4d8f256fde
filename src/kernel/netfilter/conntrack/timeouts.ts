import type { Nanos } from "../../../sim/time.ts";
import { NANOS_PER_SECOND } from "../../../sim/time.ts";

/** Seconds that a flow is remembered without a packet: the sysctls net.netfilter.nf_conntrack_*, with Linux's defaults. */
export const TIMEOUT_DEFAULTS = {
  generic_timeout: 600,
  icmp_timeout: 30,
  icmpv6_timeout: 30,
  udp_timeout: 30,
  udp_timeout_stream: 120,
  tcp_timeout_syn_sent: 120,
  tcp_timeout_syn_recv: 60,
  tcp_timeout_established: 432_000,
  tcp_timeout_fin_wait: 120,
  tcp_timeout_close_wait: 60,
  tcp_timeout_last_ack: 30,
  tcp_timeout_time_wait: 120,
  tcp_timeout_close: 10,
  tcp_timeout_max_retrans: 300,
  tcp_timeout_unacknowledged: 300,
};
export type TimeoutName = keyof typeof TIMEOUT_DEFAULTS;
export type Timeouts = Record<TimeoutName, number>;

/** By TCP state number. */
const TCP_NAMES: readonly TimeoutName[] = [
  "tcp_timeout_syn_sent",
  "tcp_timeout_syn_sent",
  "tcp_timeout_syn_recv",
  "tcp_timeout_established",
  "tcp_timeout_fin_wait",
  "tcp_timeout_close_wait",
  "tcp_timeout_last_ack",
  "tcp_timeout_time_wait",
  "tcp_timeout_close",
  "tcp_timeout_syn_sent",
];

export function timeout(timeouts: Timeouts, name: TimeoutName): Nanos {
  return (timeouts[name] * NANOS_PER_SECOND) as Nanos;
}

export function tcpTimeout(timeouts: Timeouts, state: number): Nanos {
  return timeout(timeouts, TCP_NAMES[state]!);
}
