import { sha256 } from "@noble/hashes/sha2.js";
import { utf8Encode } from "../../base/utf8.ts";
import { endpointText, type Endpoint } from "./endpoint.ts";
import { portId, type ServicePort } from "./service-port.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648's base 32 of the first bytes of a SHA-256, `length` letters. */
export function hash(text: string, length: number): string {
  const bytes = sha256(utf8Encode(text));
  let out = "";
  for (let i = 0; i < length; i++) {
    const at = i * 5;
    const pair = ((bytes[at >>> 3]! << 8) | (bytes[(at >>> 3) + 1] ?? 0)) >>> 0;
    out += ALPHABET[(pair >>> (11 - (at & 7))) & 31];
  }
  return out;
}

/** The part that all chains of a service port share. Models: portProtoHash. */
export function serviceHash(port: ServicePort): string {
  return hash(portId(port) + port.protocol.toLowerCase(), 16);
}

/** KUBE-SEP-…: the chain of one endpoint of a service port. Models: servicePortEndpointChainName. */
export function endpointChain(port: ServicePort, endpoint: Endpoint): string {
  return `KUBE-SEP-${hash(portId(port) + port.protocol.toLowerCase() + endpointText(endpoint), 16)}`;
}
