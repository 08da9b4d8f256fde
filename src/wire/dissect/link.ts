import { formatIpv4, formatMac } from "../address.ts";
import * as arp from "../arp.ts";
import * as eth from "../ethernet.ts";
import * as vlan from "../vlan.ts";
import { cutShort, field, hexText, type Dissector, type LayerName } from "./layer.ts";

/** Dissectors of the link: Ethernet, 802.1Q, ARP. */

export function layerOfEtherType(type: number): LayerName {
  if (type === eth.ETH_P_IP) return "ipv4";
  if (type === eth.ETH_P_IPV6) return "ipv6";
  if (type === eth.ETH_P_ARP) return "arp";
  if (type === eth.ETH_P_8021Q) return "vlan";
  return type === eth.ETH_P_TEB ? "ethernet" : "payload";
}

function typeText(type: number): string {
  return `${eth.etherTypeName(type)} (${hexText(type, 4)})`;
}

export const dissectEthernet: Dissector = ({ b, from, to }) => {
  const read = eth.decodeEthernet(b, from, to);
  if (!read.ok) return cutShort("Ethernet header", eth.ETHERNET_HEADER, to - from);
  const { dst, src, type } = read.value;
  const isLength = type < eth.ETH_P_802_3_MIN;
  return {
    length: eth.ETHERNET_HEADER,
    summary: eth.ethernetSummary(read.value),
    fields: [
      field("ethernet.dst", "Destination", formatMac(dst), from, 6),
      field("ethernet.src", "Source", formatMac(src), from + 6, 6),
      isLength
        ? field("ethernet.length", "Length", type, from + 12, 2)
        : field("ethernet.type", "Type", typeText(type), from + 12, 2),
    ],
    next: { protocol: layerOfEtherType(type), from: from + eth.ETHERNET_HEADER, to },
  };
};

export const dissectVlan: Dissector = ({ b, from, to }) => {
  const read = vlan.decodeVlan(b, from, to);
  if (!read.ok) return cutShort("802.1Q tag", vlan.VLAN_HEADER, to - from);
  const v = read.value;
  return {
    length: vlan.VLAN_HEADER,
    summary: vlan.vlanSummary(v),
    fields: [
      field("vlan.priority", "Priority", v.priority, from, 1),
      field("vlan.dei", "Drop eligible", v.dropEligible ? "yes" : "no", from, 1),
      field("vlan.id", "VLAN ID", v.id, from, 2),
      field("vlan.type", "Type", typeText(v.type), from + 2, 2),
    ],
    next: { protocol: layerOfEtherType(v.type), from: from + vlan.VLAN_HEADER, to },
  };
};

export const dissectArp: Dissector = ({ b, from, to }) => {
  const read = arp.decodeArp(b, from, to);
  if (!read.ok) {
    if (read.error === "truncated") return cutShort("ARP packet", arp.ARP_LENGTH, to - from);
    return { missing: `ARP for something else than Ethernet and IPv4 (${read.error})` };
  }
  const a = read.value;
  return {
    length: arp.ARP_LENGTH,
    summary: arp.arpSummary(a),
    fields: [
      field("arp.hardware", "Hardware type", "Ethernet (1)", from, 2),
      field("arp.protocol", "Protocol type", "IPv4 (0x0800)", from + 2, 2),
      field("arp.hardware_size", "Hardware size", 6, from + 4, 1),
      field("arp.protocol_size", "Protocol size", 4, from + 5, 1),
      field("arp.operation", "Opcode", `${arp.arpOperationName(a.operation)} (${a.operation})`, from + 6, 2),
      field("arp.sender_mac", "Sender MAC address", formatMac(a.senderMac), from + 8, 6),
      field("arp.sender_ip", "Sender IP address", formatIpv4(a.senderIp), from + 14, 4),
      field("arp.target_mac", "Target MAC address", formatMac(a.targetMac), from + 18, 6),
      field("arp.target_ip", "Target IP address", formatIpv4(a.targetIp), from + 24, 4),
    ],
  };
};
