import type { CapturedFrame, LinkInfo } from "../kernel/uapi/index.ts";
import { LINKTYPE_ETHERNET, LINKTYPE_LINUX_SLL, LINKTYPE_RAW, pcapHeader, pcapRecord } from "../wire/pcap.ts";
import { concat, setU16 } from "../base/bytes.ts";
import { ETH_P_IP, ETH_P_IPV6 } from "../wire/ethernet.ts";
import type { World } from "./world.ts";

/** Virtual time 0 as the world's clock shows it: 2026-01-01 00:00:00 UTC. */
export const EPOCH_SECONDS = 1_767_225_600;

/** What libpcap calls the frames of a device, by what stands before the IP header there. */
const LINK_TYPES: Readonly<Record<LinkInfo["linkType"], number>> = {
  ether: LINKTYPE_ETHERNET,
  loopback: LINKTYPE_ETHERNET,
  ipip: LINKTYPE_RAW,
  none: LINKTYPE_RAW,
  gre: LINKTYPE_LINUX_SLL,
};

const ARPHRD_IPGRE = 778;

/** LINKTYPE_LINUX_SLL: a header of 16 bytes that libpcap makes up for devices it has no name for. */
function cooked(frame: CapturedFrame): CapturedFrame {
  const bytes = new Uint8Array(16 + frame.bytes.length);
  bytes[1] = frame.direction === "in" ? 0 : 4;
  setU16(bytes, 2, ARPHRD_IPGRE);
  setU16(bytes, 14, (frame.bytes[0] ?? 0) >> 4 === 6 ? ETH_P_IPV6 : ETH_P_IP);
  bytes.set(frame.bytes, 16);
  return { ...frame, bytes, length: frame.length + 16 };
}

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
          const linkType = LINK_TYPES[link.linkType];
          this.open.push({ path: `${label}/${link.name}.${direction}.pcap`, linkType, frames, close });
        }
      }
    }
  }

  /** Ends the captures. */
  stop(): CaptureFile[] {
    return this.open.splice(0).map(({ path, linkType, frames, close }) => {
      close();
      const shown = linkType === LINKTYPE_LINUX_SLL ? frames.map(cooked) : frames;
      const records = shown.map((f) =>
        pcapRecord({ timeNs: f.time, bytes: f.bytes, originalLength: f.length }, EPOCH_SECONDS),
      );
      return { path, bytes: concat([pcapHeader(linkType), ...records]) };
    });
  }
}
