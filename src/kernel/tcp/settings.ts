import { type Nanos, seconds } from "../../sim/time.ts";

/** sysctls of net.ipv4.tcp_* that steer TCP; both families obey them. */
export interface TcpSettings {
  synRetries: number;
  synLinearTimeouts: number;
  synackRetries: number;
  retries2: number;
  /** 0 stands for 8. */
  orphanRetries: number;
  finTimeout: Nanos;
  keepaliveTime: Nanos;
  keepaliveInterval: Nanos;
  keepaliveProbes: number;
  maxSynBacklog: number;
  somaxconn: number;
  minSendMss: number;
  windowScaling: number;
  sack: number;
  timestamps: number;
  abortOnOverflow: number;
  /** 0: never, 1: always, 2: on loopback only. */
  timeWaitReuse: number;
}

export function freshTcpSettings(): TcpSettings {
  return {
    synRetries: 6,
    synLinearTimeouts: 4,
    synackRetries: 5,
    retries2: 15,
    orphanRetries: 0,
    finTimeout: seconds(60),
    keepaliveTime: seconds(7200),
    keepaliveInterval: seconds(75),
    keepaliveProbes: 9,
    maxSynBacklog: 2048,
    somaxconn: 4096,
    minSendMss: 48,
    windowScaling: 1,
    sack: 1,
    timestamps: 1,
    abortOnOverflow: 0,
    timeWaitReuse: 2,
  };
}
