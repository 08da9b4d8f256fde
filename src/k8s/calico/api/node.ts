import type { Node } from "../../api/index.ts";
import { type Ipv4, type Ipv4Prefix, parseIpv4, parsePrefix } from "../../../wire/address.ts";

/** Where Calico keeps what it knows of a node: annotations of the Kubernetes Node. Models: libcalico-go k8s/resources/node.go. */
export const NODE_ANNOTATIONS = {
  ipv4Address: "projectcalico.org/IPv4Address",
  ipipTunnelAddr: "projectcalico.org/IPv4IPIPTunnelAddr",
  vxlanTunnelAddr: "projectcalico.org/IPv4VXLANTunnelAddr",
  vxlanTunnelMac: "projectcalico.org/VXLANTunnelMACAddr",
  asNumber: "projectcalico.org/ASNumber",
  routeReflectorClusterId: "projectcalico.org/RouteReflectorClusterID",
} as const;

/** A node as Calico sees it. */
export interface CalicoNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Its address with the length of the subnet that it is in. */
  readonly ipv4: Ipv4Prefix | undefined;
  readonly ipipTunnelAddr: Ipv4 | undefined;
  readonly vxlanTunnelAddr: Ipv4 | undefined;
  /** As text; empty when felix has not said it. */
  readonly vxlanTunnelMac: string;
  readonly asNumber: string | undefined;
  readonly routeReflectorClusterId: string | undefined;
  readonly podCidr: string | undefined;
}

export function readNode(node: Node): CalicoNode {
  const { annotations = {}, name, labels = {} } = node.metadata;
  const text = (key: keyof typeof NODE_ANNOTATIONS): string => annotations[NODE_ANNOTATIONS[key]] ?? "";
  const given = text("ipv4Address");
  return {
    name,
    labels,
    ipv4: parsePrefix(given.includes("/") || given === "" ? given : `${given}/32`),
    ipipTunnelAddr: parseIpv4(text("ipipTunnelAddr")),
    vxlanTunnelAddr: parseIpv4(text("vxlanTunnelAddr")),
    vxlanTunnelMac: text("vxlanTunnelMac"),
    asNumber: text("asNumber") || undefined,
    routeReflectorClusterId: text("routeReflectorClusterId") || undefined,
    podCidr: node.spec?.podCIDR,
  };
}
