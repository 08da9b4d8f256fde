import { err, ok } from "../../base/result.ts";
import type { Ipv4 } from "../../wire/address.ts";
import type { Netns } from "../netns.ts";
import type { Endpoint, KernelResult, SocketInfo } from "../uapi/index.ts";
import { TcpTable } from "../tcp/table.ts";
import type { RawSocket } from "./raw.ts";
import type { InetSocket } from "./socket.ts";
import type { UdpSocket } from "./udp.ts";

/** The open sockets of a namespace. Models: udp_table, raw_v4_hashinfo. */
export class SocketTable {
  readonly ns: Netns;
  readonly raw: RawSocket[] = [];
  readonly tcp: TcpTable;
  private readonly udp = new Map<number, UdpSocket[]>();
  private readonly all = new Set<InetSocket>();

  constructor(ns: Netns) {
    this.ns = ns;
    this.tcp = new TcpTable(ns);
  }

  /** Enters a new socket. */
  add(socket: InetSocket): void {
    this.all.add(socket);
    if (isRaw(socket)) this.raw.push(socket);
    this.journal(socket, null, socket.row());
  }

  remove(socket: InetSocket): void {
    if (!this.all.delete(socket)) return;
    if (isRaw(socket)) this.raw.splice(this.raw.indexOf(socket), 1);
    else if (isUdp(socket)) this.unhash(socket);
    this.journal(socket, socket.row(), null);
  }

  private unhash(socket: UdpSocket): void {
    const bucket = this.udp.get(socket.source.port);
    const at = bucket?.indexOf(socket) ?? -1;
    if (bucket === undefined || at < 0) return;
    bucket.splice(at, 1);
    if (bucket.length === 0) this.udp.delete(socket.source.port);
  }

  /** Gives a socket its local address; port 0 draws a free ephemeral one. Models: udp_lib_get_port. */
  bind(socket: InetSocket, local: Endpoint): KernelResult<void> {
    const before = socket.row();
    if (!isUdp(socket)) {
      socket.source = local;
      this.journal(socket, before, socket.row());
      return ok();
    }
    const port = local.port === 0 ? this.ephemeral(local.address) : local.port;
    if (port === undefined) return err({ errno: "EADDRINUSE" });
    if (local.port !== 0 && this.clashes(socket, local)) return err({ errno: "EADDRINUSE" });
    this.unhash(socket);
    socket.source = { address: local.address, port };
    const bucket = this.udp.get(port);
    if (bucket === undefined) this.udp.set(port, [socket]);
    else bucket.unshift(socket);
    this.journal(socket, before, socket.row());
    return ok();
  }

  private clashes(socket: UdpSocket, local: Endpoint): boolean {
    if (this.ns.vxlan.owns(local.port) || this.ns.encapSockets.has(local.port)) return true;
    const both = this.ns.ip6.sockets.dual(local.port, 0);
    const shared = both?.options.reuseAddress === true && socket.options.reuseAddress === true;
    if (both !== undefined && !shared) return true;
    return (this.udp.get(local.port) ?? []).some(
      (other) =>
        other !== socket &&
        !(other.options.reuseAddress === true && socket.options.reuseAddress === true) &&
        (other.source.address === 0 || local.address === 0 || other.source.address === local.address) &&
        (other.options.device === undefined ||
          socket.options.device === undefined ||
          other.options.device === socket.options.device),
    );
  }

  private ephemeral(address: Ipv4): number | undefined {
    const { localPortMin: min, localPortMax: max } = this.ns.ipv4;
    const span = max - min + 1;
    const start = this.ns.kernel.random.below(span);
    for (let i = 0; i < span; i++) {
      const port = min + ((start + i) % span);
      if (this.ns.vxlan.owns(port) || this.ns.encapSockets.has(port)) continue;
      const taken = (this.udp.get(port) ?? []).some(
        (o) => o.source.address === 0 || address === 0 || o.source.address === address,
      );
      if (!taken) return port;
    }
    return undefined;
  }

  udpOn(port: number): readonly UdpSocket[] {
    return this.udp.get(port) ?? [];
  }

  /** The socket that a datagram is for: the most specific that agrees. Models: udp4_lib_lookup2, compute_score. */
  findUdp(src: Ipv4, sport: number, dst: Ipv4, dport: number, dev: number): UdpSocket | undefined {
    let best: UdpSocket | undefined;
    let bestScore = -1;
    for (const socket of this.udp.get(dport) ?? []) {
      let score = 0;
      if (socket.source.address !== 0) {
        if (socket.source.address !== dst) continue;
        score += 4;
      }
      if (socket.peer !== undefined) {
        if (socket.peer.address !== src || socket.peer.port !== sport) continue;
        score += 8;
      }
      if (socket.options.device !== undefined) {
        if (socket.options.device !== dev) continue;
        score += 4;
      }
      if (score > bestScore) {
        best = socket;
        bestScore = score;
      }
    }
    return best;
  }

  list(): SocketInfo[] {
    const datagrams: SocketInfo[] = [...this.all].map((s) => ({
      kind: s.kind,
      local: s.source,
      ...(s.peer === undefined ? {} : { remote: s.peer }),
      state: s.peer === undefined ? "UNCONN" : "ESTAB",
      owner: s.owner,
      receiveQueue: s.receiveQueue,
      sendQueue: 0,
    }));
    return [...datagrams, ...this.tcp.list()];
  }

  /** Closes all, as the namespace ends. */
  closeAll(): void {
    for (const socket of [...this.all]) socket.close();
    this.tcp.closeAll();
  }

  journal(socket: InetSocket, before: unknown, after: unknown): void {
    const { trace } = this.ns.kernel;
    trace?.change(
      "socket",
      this.ns.id,
      String(socket.id),
      before,
      after,
      socket.by.name,
      socket.by.detail ?? "",
    );
  }
}

function isUdp(socket: InetSocket): socket is UdpSocket {
  return socket.kind === "udp";
}

function isRaw(socket: InetSocket): socket is RawSocket {
  return socket.kind === "icmp";
}
