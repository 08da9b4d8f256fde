import { getU16, getU32 } from "../../base/bytes.ts";
import type { Ipv4 } from "../../wire/address.ts";

/** What the policies are asked about. */
export interface QueuedFlow {
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Empty for what has no ports (ICMP): rules without ports are about it, too. */
  readonly protocol: "TCP" | "UDP" | "SCTP" | "";
}

const PROTOCOLS: ReadonlyMap<number, QueuedFlow["protocol"]> = new Map([
  [6, "TCP"],
  [17, "UDP"],
  [132, "SCTP"],
]);

/** Undefined for what is not IPv4: such a packet is let through. Models: kube-network-policies pkg/network ParsePacket. */
export function parseFlow(packet: Uint8Array): QueuedFlow | undefined {
  if (packet.length < 20 || packet[0]! >> 4 !== 4) return undefined;
  const header = (packet[0]! & 15) * 4;
  const protocol = PROTOCOLS.get(packet[9]!) ?? "";
  if (packet.length < header + 4) return undefined;
  return {
    source: getU32(packet, 12) as Ipv4,
    destination: getU32(packet, 16) as Ipv4,
    sourcePort: protocol === "" ? 0 : getU16(packet, header),
    destinationPort: protocol === "" ? 0 : getU16(packet, header + 2),
    protocol,
  };
}
