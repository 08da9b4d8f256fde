import { err, ok } from "../../base/result.ts";
import { isAnyAddress } from "../../wire/ip-address.ts";
import type { KernelResult, StreamEndpoint } from "../uapi/index.ts";
import { announcedMss, initialWindow, pushPending, RECEIVE_SCALE, syncMss } from "./output.ts";
import { initialSequence, timestampOffset } from "./secret.ts";
import { advance } from "./sequence.ts";
import type { TcpSocket } from "./socket.ts";

/** connect(2): chooses addresses and port, and sends the SYN. Models: tcp_v4_connect, tcp_connect. */
export function beginConnect(s: TcpSocket, remote: StreamEndpoint): KernelResult<void> {
  if (s.listener !== null) return err({ errno: "EINVAL" });
  if (s.remoteAddress !== undefined) return err({ errno: "EISCONN" });
  if (s.closed) return err({ errno: "EPIPE" });
  const { settings } = s.table;
  if (s.network.isGroup(remote.address)) return err({ errno: "ENETUNREACH" });
  const route = s.network.route({
    dst: remote.address,
    src: isAnyAddress(s.localAddress) ? undefined : s.localAddress,
    device: s.device,
    mark: s.options.mark ?? 0,
    tos: s.options.tos ?? 0,
    sport: s.localPort,
    dport: remote.port,
  });
  if (typeof route === "string") return err({ errno: route });
  const connected = s.table.connect(
    s,
    route.source,
    { address: route.destination, port: remote.port },
    route,
  );
  if (!connected.ok) return connected;
  s.iss = initialSequence(s.table.secret, s, s.now);
  s.timestampOffset = timestampOffset(s.table.secret, s);
  s.una = s.nxt = s.iss;
  s.written = advance(s.iss, 1);
  s.advertisedMss = announcedMss(s, route);
  s.timestamps = settings.timestamps !== 0;
  s.sack = settings.sack !== 0;
  s.receiveScale = settings.windowScaling !== 0 ? RECEIVE_SCALE : 0;
  s.windowLimit = initialWindow(s.capacity, s.advertisedMss);
  syncMss(s, route);
  s.queue.appendSyn(s.iss);
  s.enter("SYN-SENT");
  pushPending(s, "socket");
  return ok();
}
