import type { Timer } from "../../../sim/queue.ts";
import type { Ipv4 } from "../../../wire/address.ts";
import type { Destination, Service } from "./service.ts";

export const S_NONE = 0;
export const S_ESTABLISHED = 1;
export const S_SYN_SENT = 2;
export const S_SYN_RECV = 3;
export const S_FIN_WAIT = 4;
export const S_TIME_WAIT = 5;
export const S_CLOSE = 6;
export const S_CLOSE_WAIT = 7;
export const S_LAST_ACK = 8;

export const STATE_NAMES: readonly string[] = [
  "NONE",
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECV",
  "FIN_WAIT",
  "TIME_WAIT",
  "CLOSE",
  "CLOSE_WAIT",
  "LAST_ACK",
];

/** A connection through a virtual service, or the template that keeps a client with its server. Models: struct ip_vs_conn. */
export class Connection {
  readonly protocol: number;
  readonly client: Ipv4;
  readonly clientPort: number;
  readonly virtual: Ipv4;
  readonly virtualPort: number;
  readonly real: Ipv4;
  readonly realPort: number;
  readonly service: Service;
  readonly destination: Destination;
  readonly template: boolean;
  state = S_NONE;
  /** Counted as inactive at its real server. */
  inactive = false;
  /** Of a template: a connection of it was established. */
  assured = false;
  /** Seconds without a packet until it is forgotten. */
  timeout = 0;
  timer: Timer | null = null;
  /** The template that it hangs on, and for templates how many hang there. */
  control: Connection | null = null;
  controlled = 0;
  readonly order: number;

  constructor(
    order: number,
    protocol: number,
    client: { readonly address: Ipv4; readonly port: number },
    virtual: { readonly address: Ipv4; readonly port: number },
    realPort: number,
    service: Service,
    destination: Destination,
    template: boolean,
  ) {
    this.order = order;
    this.protocol = protocol;
    this.client = client.address;
    this.clientPort = client.port;
    this.virtual = virtual.address;
    this.virtualPort = virtual.port;
    this.real = destination.address;
    this.realPort = realPort;
    this.service = service;
    this.destination = destination;
    this.template = template;
  }
}

const SYN = 2;
const FIN = 1;
const RST = 4;
const ACK = 16;

/** What a segment from the client makes of the state. */
function inward(state: number, flags: number): number {
  if ((flags & RST) !== 0) return state === S_SYN_RECV || state === S_LAST_ACK ? state : S_CLOSE;
  if ((flags & SYN) !== 0)
    return state === S_ESTABLISHED || state === S_SYN_SENT ? S_ESTABLISHED : S_SYN_RECV;
  if ((flags & FIN) !== 0) {
    if (state === S_ESTABLISHED) return S_CLOSE_WAIT;
    if (state === S_SYN_RECV || state === S_FIN_WAIT) return S_TIME_WAIT;
    return state === S_NONE ? S_CLOSE : state;
  }
  if ((flags & ACK) === 0) return state;
  if (state === S_NONE || state === S_SYN_RECV) return S_ESTABLISHED;
  return state === S_LAST_ACK ? S_CLOSE : state;
}

/** What a segment from the real server makes of it. */
function outward(state: number, flags: number): number {
  if ((flags & RST) !== 0) return state === S_SYN_SENT || state === S_TIME_WAIT ? state : S_CLOSE;
  if ((flags & SYN) !== 0) return state === S_ESTABLISHED || state === S_SYN_RECV ? state : S_SYN_SENT;
  if ((flags & FIN) !== 0) {
    if (state === S_ESTABLISHED) return S_FIN_WAIT;
    if (state === S_NONE || state === S_SYN_RECV || state === S_CLOSE_WAIT) return S_TIME_WAIT;
    return state;
  }
  if ((flags & ACK) === 0) return state;
  return state === S_NONE || state === S_SYN_RECV ? S_ESTABLISHED : state;
}

export function tcpState(state: number, flags: number, reply: boolean): number {
  return reply ? outward(state, flags) : inward(state, flags);
}
