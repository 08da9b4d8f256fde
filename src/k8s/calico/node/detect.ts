import { err, ok, type Result } from "../../../base/result.ts";
import type { NetApi } from "../../../kernel/uapi/index.ts";
import {
  inPrefix,
  type Ipv4,
  type Ipv4Prefix,
  isLoopback,
  isMulticast,
  parseIpv4,
  parsePrefix,
} from "../../../wire/address.ts";

/** Devices of container networks, which are nobody's address. Models: autodetection DEFAULT_INTERFACES_TO_EXCLUDE. */
const EXCLUDED =
  "docker.*,cbr.*,dummy.*,virbr.*,lxcbr.*,veth.*,lo,cali.*,tunl.*,flannel.*,kube-ipvs.*,cni.*,vxlan.calico.*,vxlan-v6.calico.*,wireguard.cali.*,wg-v6.cali.*,nodelocaldns.*";

export interface Detected {
  readonly device: string;
  readonly prefix: Ipv4Prefix;
}

function patterns(list: string): RegExp[] {
  return list.split(",").map((pattern) => new RegExp(`^(?:${pattern})`));
}

function usable(address: Ipv4): boolean {
  return !isLoopback(address) && !isMulticast(address) && address >>> 16 !== 0xa9fe && address !== 0;
}

/** The addresses of the devices that are up and that the patterns allow, in the order of the devices. */
function candidates(net: NetApi, wanted: RegExp[], unwanted: RegExp[]): Detected[] {
  const addresses = net.address.list();
  return net.link.list().flatMap((link) => {
    if (!link.up || unwanted.some((pattern) => pattern.test(link.name))) return [];
    if (wanted.length > 0 && !wanted.some((pattern) => pattern.test(link.name))) return [];
    return addresses
      .filter(({ dev, local }) => dev === link.index && usable(local))
      .map(({ local, prefixLength }) => ({
        device: link.name,
        prefix: { address: local, length: prefixLength },
      }));
  });
}

function holding(net: NetApi, address: Ipv4): Detected | undefined {
  return candidates(net, [], []).find(({ prefix }) => prefix.address === address);
}

/**
 * The address that the node tells others, with its subnet. `method` is IP_AUTODETECTION_METHOD: first-found, interface=,
 * skip-interface=, can-reach=, cidr=, kubernetes-internal-ip.
 *
 * Models: node/pkg/lifecycle/startup/autodetection.
 */
export function detectAddress(net: NetApi, method: string, internalIp: string): Result<Detected, string> {
  const [word = "", value = ""] = method.split(/=(.*)/s);
  const none = "no valid IPv4 addresses found on the host interfaces";
  const orNone = (found: Detected | undefined): Result<Detected, string> =>
    found === undefined ? err(none) : ok(found);
  switch (word) {
    case "first-found":
    case "":
      return orNone(candidates(net, [], patterns(EXCLUDED))[0]);
    case "interface":
      return orNone(candidates(net, patterns(value), [])[0]);
    case "skip-interface":
      return orNone(candidates(net, [], patterns(`${EXCLUDED},${value}`))[0]);
    case "can-reach": {
      const target = parseIpv4(value);
      if (target === undefined) return err(`flannelgraph: can-reach=${value}: names are not modelled yet`);
      const route = net.route.get({ dst: target });
      const source = route.ok ? route.value.prefSrc : undefined;
      return orNone(source === undefined ? undefined : holding(net, source));
    }
    case "cidr": {
      const ranges = value.split(",").flatMap((cidr) => parsePrefix(cidr) ?? []);
      return orNone(
        candidates(net, [], patterns(EXCLUDED)).find(({ prefix }) =>
          ranges.some((range) => inPrefix(prefix.address, range.address, range.length)),
        ),
      );
    }
    case "kubernetes-internal-ip": {
      const address = parseIpv4(internalIp);
      return orNone(address === undefined ? undefined : holding(net, address));
    }
    default:
      return err(`Invalid IP autodetection method: ${method}`);
  }
}
