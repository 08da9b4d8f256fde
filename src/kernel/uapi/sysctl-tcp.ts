import { NANOS_PER_SECOND } from "../../sim/time.ts";
import type { Netns } from "../netns.ts";
import type { TcpSettings } from "../tcp/settings.ts";

const MOST = 2147483647;

/** tcp(7), Documentation/networking/ip-sysctl.rst: key, least, most, and the factor of what is kept. */
const KEYS: Readonly<
  Record<string, readonly [key: keyof TcpSettings, least: number, most: number, factor: number]>
> = {
  "net/core/somaxconn": ["somaxconn", 0, MOST, 1],
  "net/ipv4/tcp_abort_on_overflow": ["abortOnOverflow", 0, 255, 1],
  "net/ipv4/tcp_fin_timeout": ["finTimeout", 0, MOST, NANOS_PER_SECOND],
  "net/ipv4/tcp_keepalive_intvl": ["keepaliveInterval", 0, MOST, NANOS_PER_SECOND],
  "net/ipv4/tcp_keepalive_probes": ["keepaliveProbes", 0, 255, 1],
  "net/ipv4/tcp_keepalive_time": ["keepaliveTime", 0, MOST, NANOS_PER_SECOND],
  "net/ipv4/tcp_max_syn_backlog": ["maxSynBacklog", 0, MOST, 1],
  "net/ipv4/tcp_min_snd_mss": ["minSendMss", 48, 65535, 1],
  "net/ipv4/tcp_orphan_retries": ["orphanRetries", 0, 255, 1],
  "net/ipv4/tcp_retries2": ["retries2", 0, 255, 1],
  "net/ipv4/tcp_sack": ["sack", 0, 255, 1],
  "net/ipv4/tcp_syn_linear_timeouts": ["synLinearTimeouts", 0, 127, 1],
  "net/ipv4/tcp_syn_retries": ["synRetries", 1, 127, 1],
  "net/ipv4/tcp_synack_retries": ["synackRetries", 0, 255, 1],
  "net/ipv4/tcp_timestamps": ["timestamps", 0, 255, 1],
  "net/ipv4/tcp_tw_reuse": ["timeWaitReuse", 0, 2, 1],
  "net/ipv4/tcp_window_scaling": ["windowScaling", 0, 255, 1],
};

export interface TcpKnob {
  readonly get: () => number;
  readonly set: (value: number) => void;
  readonly least: number;
  readonly most: number;
}

/** net.ipv4.tcp_*, which IPv6 obeys too. */
export function tcpKnob(ns: Netns, key: string): TcpKnob | undefined {
  const found = KEYS[key];
  if (found === undefined) return undefined;
  const [name, least, most, factor] = found;
  const { settings } = ns.sockets.tcp;
  return {
    get: () => settings[name] / factor,
    set: (value) => void Object.assign(settings, { [name]: value * factor }),
    least,
    most,
  };
}

export const TCP_KEYS: readonly string[] = Object.keys(KEYS);
