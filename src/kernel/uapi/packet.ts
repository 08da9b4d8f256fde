import { err, must, ok } from "../../base/result.ts";
import { ETHERNET_HEADER, ethType } from "../../wire/ethernet.ts";
import type { Tap } from "../device/device.ts";
import { devQueueXmit } from "../device/receive.ts";
import type { Netns } from "../netns.ts";
import type { NetApi } from "./index.ts";
import type { Actor } from "./types.ts";

/** packet(7): sockets that see every frame of a device, or of all devices, and that send frames as they are. */
export function packetApi(ns: Netns, actor: Actor): Pick<NetApi, "capture" | "transmit"> {
  return {
    capture: (index, direction, sink, promiscuous = false) => {
      const tap: Tap = { incoming: direction !== "out", outgoing: direction !== "in", sink };
      if (index === "any") {
        ns.addTap(tap);
        return () => ns.removeTap(tap);
      }
      const dev = must(ns.device(index), `interface ${index}`);
      dev.taps.push(tap);
      if (promiscuous) dev.promiscuity++;
      return () => {
        const at = dev.taps.indexOf(tap);
        if (at < 0) return;
        dev.taps.splice(at, 1);
        if (promiscuous) dev.promiscuity--;
      };
    },
    transmit: (index, frame) => {
      const dev = ns.device(index);
      if (dev === undefined) return err({ errno: "ENODEV" });
      if (!dev.up) return err({ errno: "ENETDOWN" });
      if (frame.length < dev.headerLength) return err({ errno: "EINVAL" });
      if (frame.length > dev.mtu + dev.headerLength) return err({ errno: "EMSGSIZE" });
      const skb = ns.kernel.alloc(ns, frame.length, "socket", actor.name);
      skb.buf.set(frame, skb.data);
      skb.end = skb.data + frame.length;
      skb.protocol = dev.headerLength === ETHERNET_HEADER ? ethType(skb.buf, skb.data) : 0;
      skb.net = skb.data + dev.headerLength;
      const sent = devQueueXmit(dev, skb);
      return sent === 0 ? ok() : err({ errno: sent });
    },
  };
}
