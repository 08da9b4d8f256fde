import type { KernelApi, NetnsId } from "../../kernel/uapi/index.ts";
import type { Ipv4 } from "../../wire/address.ts";

/** A node that is a machine on an underlay of its own, not a container on kind's network. */
export interface NodeAttachment {
  readonly name: string;
  readonly address: Ipv4;
  /** For /etc/resolv.conf. */
  readonly nameserver: Ipv4 | undefined;
  /** Plugs the node's cable in and gives it its address and its routes. */
  readonly plug: (netns: NetnsId) => void;
}

/** The router of the cloud that nodes stand in: its namespace holds the ways to their pods. */
export interface CloudRouter {
  readonly kernel: KernelApi;
  readonly netns: NetnsId;
}
