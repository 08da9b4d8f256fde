import { must } from "../../base/result.ts";
import { formatIpv4, ipv4, network, parsePrefix } from "../../wire/address.ts";
import { ApiClient, EventRecorder, type Node } from "../api/index.ts";
import type { Controller, ControllerContext } from "./context.ts";

/** Gives every node a range for its pods, in the order of registration. Models: pkg/controller/nodeipam range_allocator. */
class NodeIpam {
  private readonly client: ApiClient;
  private readonly events: EventRecorder;
  private readonly base: number;
  private readonly size: number;
  private readonly count: number;
  private readonly length: number;
  private readonly taken = new Set<string>();
  private next = 0;

  constructor({ store, podSubnet, nodeCidrMaskSize }: ControllerContext) {
    this.client = new ApiClient(store, "node-ipam-controller");
    this.events = new EventRecorder(this.client, "cidrAllocator");
    const prefix = must(parsePrefix(podSubnet), `pod subnet in ${podSubnet}`);
    this.base = network(prefix.address, prefix.length);
    this.length = nodeCidrMaskSize;
    this.size = 2 ** (32 - nodeCidrMaskSize);
    this.count = Math.max(0, 2 ** (nodeCidrMaskSize - prefix.length));
    this.client.watch("Node", ({ type, object }) => {
      const cidr = object.spec?.podCIDR;
      if (type === "DELETED") this.taken.delete(cidr ?? "");
      else if (cidr !== undefined) this.taken.add(cidr);
      else this.assign(object);
    });
  }

  private assign(node: Node): void {
    const cidr = this.free();
    if (cidr === undefined) {
      const message = `Node ${node.metadata.name} status is now: CIDRNotAvailable`;
      this.events.record(node, { type: "Normal", reason: "CIDRNotAvailable", message });
      return;
    }
    this.client.modify("Node", "", node.metadata.name, (now) => {
      if (now.spec?.podCIDR !== undefined) return now;
      this.taken.add(cidr);
      return { ...now, spec: { ...now.spec, podCIDR: cidr, podCIDRs: [cidr] } };
    });
  }

  /** The ranges are used round robin, as the allocator's cursor does: one that was freed comes back last. */
  private free(): string | undefined {
    for (let i = 0; i < this.count; i++) {
      const index = (this.next + i) % this.count;
      const cidr = `${formatIpv4(ipv4(this.base + index * this.size))}/${this.length}`;
      if (this.taken.has(cidr)) continue;
      this.next = (index + 1) % this.count;
      return cidr;
    }
    return undefined;
  }
}

export const nodeIpamController: Controller = {
  name: "node-ipam-controller",
  start(context) {
    new NodeIpam(context);
  },
};
