import { prefixMask, type Address } from "../../formats/iptables/address.ts";
import type { XtRule } from "../../kernel/uapi/index.ts";
import type { Range } from "./service-port.ts";

/** How traffic of this node's own pods is told apart (localDetectMode). Models: pkg/proxy/util/localdetector.go. */
export type LocalDetector =
  | { readonly kind: "cidr"; readonly range: Range }
  | { readonly kind: "bridge" | "prefix"; readonly device: string };

type Part = Pick<XtRule, "source" | "in">;

export function addressRange(range: Range): { address: Address; mask: Address } {
  return {
    address: range.address,
    mask: prefixMask(typeof range.address === "number" ? "ip" : "ip6", range.length),
  };
}

/** What a rule matches when the traffic is local, or when it is not. */
export function detect(detector: LocalDetector, local: boolean): Part {
  const invert = local ? {} : { invert: true };
  if (detector.kind === "cidr") return { source: { ...addressRange(detector.range), ...invert } };
  return { in: { name: detector.device, wildcard: detector.kind === "prefix", ...invert } };
}
