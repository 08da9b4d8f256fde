/**
 * The flow's state as conntrack follows it by the flags that pass (RFC 9293's states, seen from the middle).
 * Models: nf_conntrack_proto_tcp.c, without its window arithmetic: a segment outside the window is not INVALID here.
 */
export const TCP_NONE = 0;
export const TCP_SYN_SENT = 1;
export const TCP_SYN_RECV = 2;
export const TCP_ESTABLISHED = 3;
export const TCP_FIN_WAIT = 4;
export const TCP_CLOSE_WAIT = 5;
export const TCP_LAST_ACK = 6;
export const TCP_TIME_WAIT = 7;
export const TCP_CLOSE = 8;
/** SYNs met (simultaneous open). */
export const TCP_SYN_SENT2 = 9;

/** As `conntrack -L` names them. */
export const TCP_STATES: readonly string[] = [
  "NONE",
  "SYN_SENT",
  "SYN_RECV",
  "ESTABLISHED",
  "FIN_WAIT",
  "CLOSE_WAIT",
  "LAST_ACK",
  "TIME_WAIT",
  "CLOSE",
  "SYN_SENT2",
];

/** Not a state: leave the packet alone, keep the state. */
export const TCP_IGNORE = -1;
/** Not a state: the packet belongs to no connection that could be. */
export const TCP_INVALID = -2;

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const ACK = 16;

function onSyn(state: number, reply: boolean): number {
  if (reply) {
    if (state === TCP_SYN_SENT || state === TCP_SYN_SENT2) return TCP_SYN_SENT2;
    if (state === TCP_TIME_WAIT) return TCP_SYN_SENT;
    return TCP_INVALID;
  }
  switch (state) {
    case TCP_NONE:
    case TCP_SYN_SENT:
    case TCP_TIME_WAIT:
    case TCP_CLOSE:
      return TCP_SYN_SENT;
    case TCP_SYN_SENT2:
      return TCP_SYN_SENT2;
    default:
      return TCP_IGNORE;
  }
}

function onSynAck(state: number, reply: boolean): number {
  if (state === TCP_SYN_SENT2) return TCP_SYN_RECV;
  if (!reply) return TCP_INVALID;
  if (state === TCP_SYN_SENT) return TCP_SYN_RECV;
  return state === TCP_NONE || state === TCP_CLOSE ? TCP_INVALID : TCP_IGNORE;
}

function onFin(state: number): number {
  switch (state) {
    case TCP_SYN_RECV:
    case TCP_ESTABLISHED:
      return TCP_FIN_WAIT;
    case TCP_FIN_WAIT:
    case TCP_CLOSE_WAIT:
      return TCP_LAST_ACK;
    case TCP_LAST_ACK:
    case TCP_TIME_WAIT:
    case TCP_CLOSE:
      return state;
    default:
      return TCP_INVALID;
  }
}

function onAck(state: number, reply: boolean): number {
  switch (state) {
    case TCP_NONE:
      return reply ? TCP_INVALID : TCP_ESTABLISHED;
    case TCP_SYN_SENT:
    case TCP_SYN_SENT2:
      return reply ? TCP_IGNORE : TCP_INVALID;
    case TCP_SYN_RECV:
      return reply ? TCP_SYN_RECV : TCP_ESTABLISHED;
    case TCP_FIN_WAIT:
      return TCP_CLOSE_WAIT;
    case TCP_LAST_ACK:
      return TCP_TIME_WAIT;
    default:
      return state;
  }
}

/** The state after a segment with these flags, or TCP_IGNORE, or TCP_INVALID. */
export function tcpNext(state: number, flags: number, reply: boolean): number {
  if ((flags & RST) !== 0) return state === TCP_NONE ? TCP_INVALID : TCP_CLOSE;
  if ((flags & SYN) !== 0) return (flags & ACK) !== 0 ? onSynAck(state, reply) : onSyn(state, reply);
  if ((flags & FIN) !== 0) return onFin(state);
  if ((flags & ACK) !== 0) return onAck(state, reply);
  return TCP_INVALID;
}
