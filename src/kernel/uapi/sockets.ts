import { err, ok } from "../../base/result.ts";
import { IPV4_ANY } from "../../wire/address.ts";
import { IPV6_ANY } from "../../wire/address6.ts";
import type { Netns } from "../netns.ts";
import { RawSocket } from "../socket/raw.ts";
import { RawSocket6 } from "../socket/raw6.ts";
import { UdpSocket } from "../socket/udp.ts";
import { UdpSocket6 } from "../socket/udp6.ts";
import { abort } from "../tcp/close.ts";
import type { SocketApi, SocketInfo } from "./socket.ts";
import type { Actor } from "./types.ts";

/** The kernel's own UDP sockets, which no process holds: VXLAN's, and WireGuard's of both families. Models: udp_sock_create. */
function tunnelSockets(ns: Netns): SocketInfo[] {
  const udp = { kind: "udp", state: "UNCONN", owner: "", receiveQueue: 0, sendQueue: 0 } as const;
  const v4 = [...ns.vxlan.ports(), ...ns.encapSockets.keys()];
  return [
    ...v4.map((port) => ({ ...udp, local: { address: IPV4_ANY, port } })),
    ...[...ns.encapSockets.keys()].map((port) => ({
      ...udp,
      v6Only: true,
      local: { address: IPV6_ANY, port },
    })),
  ];
}

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
    destroy: (socket) => {
      if (socket.kind !== "tcp" && socket.kind !== "tcp-listen") return err({ errno: "EOPNOTSUPP" });
      const found = ns.sockets.tcp.lookup(socket);
      if (found === undefined) return err({ errno: "ENOENT" });
      abort(found);
      return ok();
    },
    list: () => [...ns.sockets.list(), ...ns.ip6.sockets.list(), ...tunnelSockets(ns)],
  };
}
