import type { CapturedFrame } from "../kernel/uapi/index.ts";
import { LINKTYPE_ETHERNET, LINKTYPE_RAW, pcapHeader, pcapRecord } from "../wire/pcap.ts";
import { concat } from "../base/bytes.ts";
import type { World } from "./world.ts";

/** Virtual time 0 as the world's clock shows it: 2026-01-01 00:00:00 UTC. */
export const EPOCH_SECONDS = 1_767_225_600;

/** One capture file: `NETNS/DEVICE.in.pcap` or `.out.pcap`, and its bytes. */
export interface CaptureFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

interface Open {
  readonly path: string;
  readonly linkType: number;
  readonly frames: CapturedFrame[];
  readonly close: () => void;
}

/** What `tcpdump -p -i DEVICE -Q in|out -w` would write for every device of every named namespace. */
export class Captures {
  private readonly open: Open[] = [];

  constructor(world: World) {
    for (const id of world.kernel.netnsIds()) {
      const label = world.kernel.netnsLabel(id);
      if (label === "") continue;
      const net = world.kernel.open(id, { name: "tcpdump" });
      for (const link of net.link.list()) {
        // "That device is not up": tcpdump ends at once.
        if (!link.up) continue;
        for (const direction of ["in", "out"] as const) {
          const frames: CapturedFrame[] = [];
          const close = net.capture(link.index, direction, (frame) => frames.push(frame));
          const framed = link.linkType === "ether" || link.linkType === "loopback";
          const linkType = framed ? LINKTYPE_ETHERNET : LINKTYPE_RAW;
          this.open.push({ path: `${label}/${link.name}.${direction}.pcap`, linkType, frames, close });
        }
      }
    }
  }

  /** Ends the captures. */
  stop(): CaptureFile[] {
    return this.open.splice(0).map(({ path, linkType, frames, close }) => {
      close();
      const records = frames.map((f) =>
        pcapRecord({ timeNs: f.time, bytes: f.bytes, originalLength: f.length }, EPOCH_SECONDS),
      );
      return { path, bytes: concat([pcapHeader(linkType), ...records]) };
    });
  }
}
