import { formatAddress } from "../../../formats/iptables/address.ts";
import type { Endpoint } from "../endpoint.ts";
import { hash } from "../names.ts";
import type { ServicePort } from "../service-port.ts";

/** The table of both families that holds everything. */
export const TABLE = "kube-proxy";

/** The longest name that still leaves room for a prefix in front of it. Models: chainNameBaseLengthMax. */
const LONGEST = 240;

/** The hash goes first, so that a name that is cut off is still its own. Models: hashAndTruncate. */
function hashed(text: string): string {
  const name = `${hash(text, 8)}-${text}`;
  return name.length <= LONGEST ? name : `${name.slice(0, LONGEST - 3)}...`;
}

function portName({ namespace, service, protocol, port }: ServicePort): string {
  return `${namespace}/${service}/${protocol.toLowerCase()}/${port}`;
}

/** What the chains of a service port have in common. Models: servicePortChainNameBase. */
export function serviceBase(port: ServicePort): string {
  return hashed(portName(port));
}

/** Of one endpoint of a service port; colons may not stand in a name. Models: servicePortEndpointChainNameBase. */
export function endpointBase(port: ServicePort, { address, port: number }: Endpoint): string {
  return hashed(`${portName(port)}__${formatAddress(address).replaceAll(":", ".")}/${number}`);
}
