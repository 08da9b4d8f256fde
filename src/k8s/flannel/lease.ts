import { err, ok, type Result } from "../../base/result.ts";
import {
  formatIpv4,
  type Ipv4,
  type Ipv4Prefix,
  network,
  parseIpv4,
  parsePrefix,
} from "../../wire/address.ts";
import type { Node } from "../api/index.ts";

/** What a node tells the others in its annotations: where its subnet is and how to reach it. */
export interface Lease {
  readonly node: string;
  readonly subnet: Ipv4Prefix;
  readonly publicIp: Ipv4;
  readonly backendType: string;
  /** JSON that the backend reads. */
  readonly backendData: string;
}

/** The annotation of a backend that has nothing to say: a nil json.RawMessage, marshalled. */
export const NO_BACKEND_DATA = "null";

export interface LeaseEvent {
  readonly type: "added" | "removed";
  readonly lease: Lease;
}

/** The keys of the annotations. Models: flannel pkg/subnet/kube newAnnotations. */
export interface AnnotationKeys {
  readonly managed: string;
  readonly backendData: string;
  readonly backendType: string;
  readonly publicIp: string;
  readonly publicIpOverwrite: string;
  /** `--public-ip` from the node's side. */
  readonly nodePublicIp: string;
}

export function annotationKeys(prefixFlag: string): Result<AnnotationKeys, string> {
  const slashes = prefixFlag.split("/").length - 1;
  if (slashes > 1) return err("subnet/kube: prefix can contain at most single slash");
  const slashed = slashes === 0 ? `${prefixFlag}/` : prefixFlag;
  const prefix = slashed.endsWith("/") || slashed.endsWith("-") ? slashed : `${slashed}-`;
  if (!/(?:[a-z0-9_-]+\.)+[a-z0-9_-]+\/(?:[a-z0-9_-]+-)?$/.test(prefix))
    return err("subnet/kube: prefix must be in a format: fqdn/[0-9a-z-_]*");
  return ok({
    managed: `${prefix}kube-subnet-manager`,
    backendData: `${prefix}backend-data`,
    backendType: `${prefix}backend-type`,
    publicIp: `${prefix}public-ip`,
    publicIpOverwrite: `${prefix}public-ip-overwrite`,
    nodePublicIp: `${prefix}node-public-ip`,
  });
}

/** The node's IPv4 range: host bits cleared, as net.ParseCIDR gives it. */
export function podCidr(node: Node): Result<Ipv4Prefix, string> {
  const all = node.spec?.podCIDRs ?? [];
  const texts = all.length > 0 ? all : [node.spec?.podCIDR ?? ""];
  if (texts.length > 2)
    return err(`node "${node.metadata.name}" pod cidrs should be IPv4/IPv6 only or dualstack`);
  const text = texts.find((candidate) => !candidate.includes(":"));
  if (text === undefined) return err("missing IPv4 address on n.Spec.PodCIDRs");
  const parsed = text.includes("/") ? parsePrefix(text) : undefined;
  if (parsed === undefined) return err(`invalid CIDR address: ${text}`);
  return ok({ address: network(parsed.address, parsed.length), length: parsed.length });
}

/** Models: flannel pkg/subnet/kube nodeToLease. */
export function nodeToLease(node: Node, keys: AnnotationKeys): Result<Lease, string> {
  const annotations = node.metadata.annotations ?? {};
  const publicIp = parseIpv4(annotations[keys.publicIp] ?? "");
  if (publicIp === undefined) return err("malformed IPv4 address");
  const subnet = podCidr(node);
  if (!subnet.ok) return subnet;
  return ok({
    node: node.metadata.name,
    subnet: subnet.value,
    publicIp,
    backendType: annotations[keys.backendType] ?? "",
    backendData: annotations[keys.backendData] ?? "",
  });
}

/** Models: flannel pkg/lease LeaseAttrs.String. */
export function describeLease(lease: Lease): string {
  return (
    `BackendType: ${lease.backendType}, PublicIP: ${formatIpv4(lease.publicIp)}, PublicIPv6: (nil), ` +
    `BackendData: ${lease.backendData === "" ? "(nil)" : lease.backendData}, BackendV6Data: (nil)`
  );
}
