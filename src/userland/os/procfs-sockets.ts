import type { NetApi, SocketInfo, StreamEndpoint } from "../../kernel/uapi/index.ts";
import { entryLine } from "../conntrack/format.ts";

/** /proc/net/{tcp,udp}{,6} and nf_conntrack. Inodes, references and the buckets of UDP are not the kernel's own. */

const STATES = [
  "ESTABLISHED",
  "SYN-SENT",
  "SYN-RECV",
  "FIN-WAIT-1",
  "FIN-WAIT-2",
  "TIME-WAIT",
  "CLOSED",
  "CLOSE-WAIT",
  "LAST-ACK",
  "LISTEN",
  "CLOSING",
];

const ROW = 149;
const UDP_ROW = 127;

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, "0");

/** A 32-bit word of an address as a little-endian machine reads it. */
function swapped(word: number): string {
  return [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24]
    .map((octet) => hex(octet, 2))
    .join("");
}

function endpoint(end: StreamEndpoint | undefined, v6: boolean): string {
  const address = end?.address;
  const words =
    address === undefined
      ? v6
        ? [0, 0, 0, 0]
        : [0]
      : typeof address === "number"
        ? v6
          ? [0, 0, 0xffff, address]
          : [address]
        : [0, 2, 4, 6].map((at) => ((address[at]! << 16) | address[at + 1]!) >>> 0);
  return `${words.map(swapped).join("")}:${hex(end?.port ?? 0, 4)}`;
}

function isV6({ local }: SocketInfo): boolean {
  return typeof local.address !== "number";
}

const HEAD_V4 =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const HEAD_V6 =
  "  sl  local_address                         remote_address                        " +
  "st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

/** Models: tcp4_seq_show, tcp6_seq_show: listeners, then the others. */
export function procNetTcp(net: NetApi, v6: boolean): string {
  const sockets = net.socket.list().filter((one) => one.kind.startsWith("tcp") && isV6(one) === v6);
  sockets.sort((a, b) => Number(b.kind === "tcp-listen") - Number(a.kind === "tcp-listen"));
  const head = v6 ? HEAD_V6 : HEAD_V4.padEnd(ROW);
  const rows = sockets.map((one, i) => {
    const state = one.kind === "tcp-listen" ? 10 : STATES.indexOf(one.state) + 1;
    const text =
      `${String(i).padStart(4)}: ${endpoint(one.local, v6)} ${endpoint(one.remote, v6)} ${hex(state, 2)} ` +
      `${queues(one)} 00:00000000 00000000     0        0 0 1 0000000000000000 ${v6 ? "" : "100 0 0 10 0"}`;
    return `${v6 ? `${text}100 0 0 10 0` : text.padEnd(ROW)}\n`;
  });
  return `${head}\n${rows.join("")}`;
}

function queues({ kind, sendQueue, receiveQueue }: SocketInfo): string {
  return `${hex(kind === "tcp-listen" ? 0 : sendQueue, 8)}:${hex(receiveQueue, 8)}`;
}

/** Models: udp4_seq_show, udp6_seq_show. */
export function procNetUdp(net: NetApi, v6: boolean): string {
  const sockets = net.socket.list().filter((one) => one.kind === "udp" && isV6(one) === v6);
  const head = v6
    ? `${HEAD_V6} ref pointer drops`
    : `   sl  ${HEAD_V4.slice(6)} ref pointer drops`.padEnd(UDP_ROW);
  const rows = sockets.map((one, i) => {
    const state = one.remote === undefined ? 7 : 1;
    const text =
      `${String(i).padStart(5)}: ${endpoint(one.local, v6)} ${endpoint(one.remote, v6)} ${hex(state, 2)} ` +
      `${queues(one)} 00:00000000 00000000     0        0 0 2 0000000000000000 0`;
    return `${v6 ? text : text.padEnd(UDP_ROW)}\n`;
  });
  return `${head}\n${rows.join("")}`;
}

/** Models: ct_seq_show. */
export function procNetConntrack(net: NetApi): string {
  return net.conntrack
    .list()
    .map((entry) => {
      const line = entryLine(entry, { extended: true, id: false }).replace(/ use=1\n$/, "");
      return `${line}${entry.zone === 0 ? " zone=0" : ""} use=2\n`;
    })
    .join("");
}
