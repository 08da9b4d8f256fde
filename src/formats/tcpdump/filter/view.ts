import { getU16, getU32 } from "../../../base/bytes.ts";
import { LINKTYPE_LINUX_SLL2, LINKTYPE_RAW } from "../print/packet.ts";

/** What a filter sees of a packet. A read beyond its end rejects the packet, whatever the rest of the filter says. */
export class PacketView {
  readonly linkType: number;
  bytes: Uint8Array = new Uint8Array(0);
  /** Bytes on the wire. */
  length = 0;
  failed = false;

  constructor(linkType: number) {
    this.linkType = linkType;
  }

  set(bytes: Uint8Array, length: number): void {
    this.bytes = bytes;
    this.length = length;
    this.failed = false;
  }

  /** Offset of the network header behind `tags` VLAN tags. */
  network(tags: number): number {
    if (this.linkType === LINKTYPE_RAW) return 0;
    return this.linkType === LINKTYPE_LINUX_SLL2 ? 20 : 14 + 4 * tags;
  }

  /** The type behind `tags` VLAN tags; raw packets tell it by their version. */
  type(tags: number): number {
    if (this.linkType === LINKTYPE_RAW) return this.read(0, 1) >>> 4 === 6 ? 0x86dd : 0x0800;
    return this.read(this.linkType === LINKTYPE_LINUX_SLL2 ? 0 : 12 + 4 * tags, 2);
  }

  read(o: number, size: number): number {
    if (o < 0 || o + size > this.bytes.length) {
      this.failed = true;
      return 0;
    }
    if (size === 1) return this.bytes[o]!;
    return size === 2 ? getU16(this.bytes, o) : getU32(this.bytes, o);
  }
}
