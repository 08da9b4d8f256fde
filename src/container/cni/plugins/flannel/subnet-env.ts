import { err, ok, type Result } from "../../../../base/result.ts";
import { type Ipv4Prefix, network, parsePrefix } from "../../../../wire/address.ts";

/** /run/flannel/subnet.env: what flanneld tells the plugin about this node. */
export interface SubnetEnv {
  readonly networks: readonly Ipv4Prefix[];
  /** The node's subnet, host bits cleared. */
  readonly subnet: Ipv4Prefix;
  readonly mtu: number;
  readonly ipMasq: boolean;
}

function cidr(text: string): Result<Ipv4Prefix, string> {
  const parsed = text.includes("/") ? parsePrefix(text) : undefined;
  if (parsed === undefined) return err(`invalid CIDR address: ${text}`);
  return ok({ address: network(parsed.address, parsed.length), length: parsed.length });
}

function networkList(text: string): Result<readonly Ipv4Prefix[], string> {
  const out: Ipv4Prefix[] = [];
  for (const part of text.split(",")) {
    const parsed = cidr(part);
    if (!parsed.ok) return parsed;
    if (!out.some((p) => p.address === parsed.value.address && p.length === parsed.value.length))
      out.push(parsed.value);
  }
  return ok(out);
}

/** Models: flannel-io/cni-plugin loadFlannelSubnetEnv (IPv4 keys). */
export function parseSubnetEnv(text: string, path: string): Result<SubnetEnv, string> {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const equals = line.indexOf("=");
    if (equals > 0) values.set(line.slice(0, equals), line.slice(equals + 1));
  }
  const networks = networkList(values.get("FLANNEL_NETWORK") ?? "");
  if (!networks.ok && values.has("FLANNEL_NETWORK")) return networks;
  const subnet = cidr(values.get("FLANNEL_SUBNET") ?? "");
  if (!subnet.ok && values.has("FLANNEL_SUBNET")) return subnet;
  const mtuText = values.get("FLANNEL_MTU");
  if (mtuText !== undefined && !/^\d+$/.test(mtuText))
    return err(`strconv.ParseUint: parsing "${mtuText}": invalid syntax`);
  const ipMasq = values.get("FLANNEL_IPMASQ");
  const missing: string[] = [];
  if (!networks.ok) missing.push("FLANNEL_NETWORK", "FLANNEL_IPV6_NETWORK");
  if (!subnet.ok) missing.push("FLANNEL_SUBNET", "FLANNEL_IPV6_SUBNET");
  if (mtuText === undefined) missing.push("FLANNEL_MTU");
  if (ipMasq === undefined) missing.push("FLANNEL_IPMASQ");
  if (!networks.ok || !subnet.ok || missing.length > 0)
    return err(`${path} is missing ${missing.join(", ")}`);
  return ok({
    networks: networks.value,
    subnet: subnet.value,
    mtu: Number(mtuText),
    ipMasq: ipMasq === "true",
  });
}
