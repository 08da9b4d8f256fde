import { err, ok } from "../../base/result.ts";
import type { Inet6 } from "../ipv6/inet6.ts";
import { type Addr6, ANY6 } from "../ipv6/intern.ts";
import type { Ipv4 } from "../../wire/address.ts";
import type { KernelResult, SocketInfo } from "../uapi/index.ts";
import type { RawSocket6 } from "./raw6.ts";
import type { Inet6Socket } from "./socket6.ts";
import type { UdpSocket6 } from "./udp6.ts";

/** The IPv6 sockets of a namespace; UDP ports are shared with IPv4's. Models: udp_table, raw_v6_hashinfo. */
export class SocketTable6 {
  readonly ip6: Inet6;
  readonly raw: RawSocket6[] = [];
  private readonly udp = new Map<number, UdpSocket6[]>();
  private readonly all = new Set<Inet6Socket>();

  constructor(ip6: Inet6) {
    this.ip6 = ip6;
  }

  add(socket: Inet6Socket): void {
    this.all.add(socket);
    if (isRaw(socket)) this.raw.push(socket);
    this.journal(socket, null, socket.row());
  }

  remove(socket: Inet6Socket): void {
    if (!this.all.delete(socket)) return;
    if (isRaw(socket)) this.raw.splice(this.raw.indexOf(socket), 1);
    else if (isUdp(socket)) this.unhash(socket);
    this.journal(socket, socket.row(), null);
  }

  private unhash(socket: UdpSocket6): void {
    const bucket = this.udp.get(socket.port);
    const at = bucket?.indexOf(socket) ?? -1;
    if (bucket === undefined || at < 0) return;
    bucket.splice(at, 1);
    if (bucket.length === 0) this.udp.delete(socket.port);
  }

  /** Gives a socket its local address; port 0 draws a free ephemeral one. Models: udp_v6_get_port. */
  bind(socket: Inet6Socket, address: Addr6, wanted: number): KernelResult<void> {
    const before = socket.row();
    if (!isUdp(socket)) {
      socket.source = address;
      this.journal(socket, before, socket.row());
      return ok();
    }
    const port = wanted === 0 ? this.ephemeral(socket, address) : wanted;
    if (port === undefined || (wanted !== 0 && this.clashes(socket, address, port)))
      return err({ errno: "EADDRINUSE" });
    this.unhash(socket);
    socket.source = address;
    socket.port = port;
    const bucket = this.udp.get(port);
    if (bucket === undefined) this.udp.set(port, [socket]);
    else bucket.unshift(socket);
    this.journal(socket, before, socket.row());
    return ok();
  }

  /** Models: inet_rcv_saddr_equal with IPv4 sockets too: `::` of both families covers 0.0.0.0. */
  private clashes(socket: UdpSocket6, address: Addr6, port: number): boolean {
    const { ns } = this.ip6;
    const shares = (other: { readonly options: { readonly reuseAddress?: boolean } }): boolean =>
      other.options.reuseAddress === true && socket.options.reuseAddress === true;
    if (ns.vxlan.owns(port) && address === ANY6) return true;
    if (address === ANY6 && !socket.isV6Only && ns.sockets.udpOn(port).some((other) => !shares(other)))
      return true;
    return (this.udp.get(port) ?? []).some(
      (other) =>
        other !== socket &&
        !shares(other) &&
        (other.source === ANY6 || address === ANY6 || other.source === address) &&
        (other.options.device === undefined ||
          socket.options.device === undefined ||
          other.options.device === socket.options.device),
    );
  }

  private ephemeral(socket: UdpSocket6, address: Addr6): number | undefined {
    const { localPortMin: min, localPortMax: max } = this.ip6.ns.ipv4;
    const span = max - min + 1;
    const start = this.ip6.ns.kernel.random.below(span);
    for (let i = 0; i < span; i++) {
      const port = min + ((start + i) % span);
      if (!this.clashes(socket, address, port)) return port;
    }
    return undefined;
  }

  udpOn(port: number): readonly UdpSocket6[] {
    return this.udp.get(port) ?? [];
  }

  /** The socket of both families that hears an IPv4 datagram to a port, when no IPv4 socket does. */
  dual(
    port: number,
    dev: number,
    from?: { readonly address: Ipv4; readonly port: number },
  ): UdpSocket6 | undefined {
    const { book } = this.ip6;
    return this.udpOn(port).find(
      (s) =>
        (s.source === ANY6 || book.isMapped(s.source)) &&
        !s.isV6Only &&
        (s.peer === undefined ||
          (from !== undefined &&
            book.isMapped(s.peer.address) &&
            book.word(s.peer.address, 3) === from.address &&
            s.peer.port === from.port)) &&
        (s.options.device === undefined || s.options.device === dev),
    );
  }

  /** The socket that a datagram is for: the most specific that agrees. Models: udp6_lib_lookup2, compute_score. */
  findUdp(src: Addr6, sport: number, dst: Addr6, dport: number, dev: number): UdpSocket6 | undefined {
    let best: UdpSocket6 | undefined;
    let bestScore = -1;
    for (const socket of this.udpOn(dport)) {
      let score = 0;
      if (socket.source !== ANY6) {
        if (socket.source !== dst) continue;
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
    return [...this.all].map((s) => {
      const remote = s.remote();
      return {
        kind: s.kind,
        local: s.local(),
        ...(remote === undefined ? {} : { remote }),
        ...(s.isV6Only ? { v6Only: true } : {}),
        state: s.peer === undefined ? "UNCONN" : "ESTAB",
        owner: s.owner,
        receiveQueue: s.receiveQueue,
        sendQueue: 0,
      };
    });
  }

  /** Closes all, as the namespace ends. */
  closeAll(): void {
    for (const socket of [...this.all]) socket.close();
  }

  journal(socket: Inet6Socket, before: unknown, after: unknown): void {
    const { ns } = this.ip6;
    const { name, detail } = socket.by;
    ns.kernel.trace?.change("socket", ns.id, String(socket.id), before, after, name, detail ?? "");
  }
}

function isUdp(socket: Inet6Socket): socket is UdpSocket6 {
  return socket.kind === "udp";
}

function isRaw(socket: Inet6Socket): socket is RawSocket6 {
  return socket.kind === "icmp";
}
