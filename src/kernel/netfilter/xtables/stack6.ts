import type { NetDevice } from "../../device/device.ts";
import type { PacketView } from "./view.ts";

/** What rules ask of the IPv6 stack. It puts its answers at `ns.xtables.stack6`; without them such rules are refused. */
export interface Stack6 {
  /** Whether the 16 bytes at `at` are an address of this host, on `dev` if one is given. */
  isLocal(b: Uint8Array, at: number, dev: NetDevice | null): boolean;
  /** Whether the way back to the packet's source leads out by `dev`. Models: rpfilter_lookup_reverse6. */
  reverse(v: PacketView, dev: NetDevice, options: { loose?: boolean; acceptLocal?: boolean }): boolean;
  /** The source for packets to the view's destination out of `dev`, as a number of the address book; -1 for none. */
  source(v: PacketView, dev: NetDevice): number;
  /** The address of the incoming device that REDIRECT leads to; -1 for none. Models: nf_nat_redirect_ipv6. */
  redirect(v: PacketView, dev: NetDevice): number;
  /** Models: nf_send_reset6. */
  reset(v: PacketView): void;
  /** An ICMPv6 "destination unreachable" of that code. Models: nf_send_unreach6. */
  unreachable(v: PacketView, code: number): void;
  /** The MTU of the way to the view's source. */
  reverseMtu(v: PacketView): number;
}
