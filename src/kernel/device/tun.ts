import type { Mac } from "../../wire/address.ts";
import { ETH_P_IP, ETH_P_IPV6, ETHERNET_HEADER } from "../../wire/ethernet.ts";
import type { Actor, LinkType, TunOptions } from "../uapi/index.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { NetDevice, type XmitResult } from "./device.ts";
import { netifReceive } from "./receive.ts";

/**
 * A device whose other end is a program: what the stack sends it is read from a file, what is written to the file comes
 * in. Without a program it has no carrier. Models: drivers/net/tun.c.
 */
export class Tun extends NetDevice {
  readonly kind = "tun";
  readonly options: TunOptions;
  /** The program that holds the file open (IFF_TUN_EXCL: only one). */
  private reader: ((packet: Uint8Array) => void) | null = null;

  constructor(ns: Netns, name: string, mac: Mac, by: Actor, options: TunOptions) {
    super(ns, name, mac, 1500, by);
    this.options = options;
    this.noArp = options.mode === "tun";
    this.multicastFlag = true;
    this.txQueueLength = options.mode === "tun" ? 500 : 1000;
    this.maxMtu = options.mode === "tun" ? 65535 : 65535 - ETHERNET_HEADER;
  }

  override get linkType(): LinkType {
    return this.options.mode === "tun" ? "none" : "ether";
  }

  override get headerLength(): number {
    return this.options.mode === "tun" ? 0 : ETHERNET_HEADER;
  }

  override get defaultQdisc(): "pfifo_fast" {
    return "pfifo_fast";
  }

  override get carriesTags(): boolean {
    return false;
  }

  override get tracksCarrier(): boolean {
    return this.reader === null;
  }

  get carrier(): boolean {
    return this.reader !== null;
  }

  get attached(): boolean {
    return this.reader !== null;
  }

  attach(reader: ((packet: Uint8Array) => void) | null): void {
    this.reader = reader;
  }

  /** Models: tun_net_xmit: the packet waits for read(2). */
  xmit(skb: Skb): XmitResult {
    this.txPackets++;
    this.txBytes += skb.length;
    const bytes = skb.buf.slice(skb.data, skb.end);
    const { reader } = this;
    this.ns.kernel.consume(this.ns, skb, "tun_do_read");
    reader?.(bytes);
    return 0;
  }

  /** write(2) of the program: a packet, or a frame for a tap. False: it is neither. Models: tun_get_user. */
  write(bytes: Uint8Array): boolean {
    const { ns } = this;
    const version = (bytes[0] ?? 0) >> 4;
    const framed = this.headerLength !== 0;
    if (framed ? bytes.length < ETHERNET_HEADER : version !== 4 && version !== 6) return false;
    const skb = ns.kernel.alloc(ns, bytes.length, "socket", "tun");
    skb.end = skb.data + bytes.length;
    skb.buf.set(bytes, skb.data);
    if (!framed) skb.protocol = version === 4 ? ETH_P_IP : ETH_P_IPV6;
    if (this.up) netifReceive(this, skb);
    else ns.kernel.drop(ns, this, skb, "DEV_READY", "tun_get_user");
    return true;
  }
}
