import type { Netns } from "../netns.ts";
import { RawSocket } from "../socket/raw.ts";
import { UdpSocket } from "../socket/udp.ts";
import type { SocketApi } from "./socket.ts";
import type { Actor } from "./types.ts";

/** socket(2) for UDP and raw ICMP. */
export function socketApi(ns: Netns, by: Actor): SocketApi {
  return {
    udp: (owner) => {
      const socket = new UdpSocket(ns.sockets, owner, by);
      ns.sockets.add(socket);
      return socket;
    },
    icmp: (owner, accept) => {
      const socket = new RawSocket(ns.sockets, owner, by, accept);
      ns.sockets.add(socket);
      return socket;
    },
    tcp: (owner, family = "inet") => ns.sockets.tcp.open(owner, by, family),
    list: () => ns.sockets.list(),
  };
}
