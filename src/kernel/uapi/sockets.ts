import type { Netns } from "../netns.ts";
import { RawSocket } from "../socket/raw.ts";
import { RawSocket6 } from "../socket/raw6.ts";
import { UdpSocket } from "../socket/udp.ts";
import { UdpSocket6 } from "../socket/udp6.ts";
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
    udp6: (owner) => {
      const socket = new UdpSocket6(ns.ip6.sockets, owner, by);
      ns.ip6.sockets.add(socket);
      return socket;
    },
    icmp6: (owner, accept) => {
      const socket = new RawSocket6(ns.ip6.sockets, owner, by, accept);
      ns.ip6.sockets.add(socket);
      return socket;
    },
    list: () => [...ns.sockets.list(), ...ns.ip6.sockets.list()],
  };
}
