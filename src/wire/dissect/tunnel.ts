import * as esp from "../esp.ts";
import { ETH_P_TEB } from "../ethernet.ts";
import * as gre from "../gre.ts";
import * as vxlan from "../vxlan.ts";
import { layerOfEtherType } from "./link.ts";
import { cutShort, field, hexText, type Dissector, type Field } from "./layer.ts";

/** Dissectors of the tunnels that have a header of their own: VXLAN, GRE, ESP. */

export const dissectVxlan: Dissector = ({ b, from, to }) => {
  if (to - from < vxlan.VXLAN_HEADER) return cutShort("VXLAN header", vxlan.VXLAN_HEADER, to - from);
  const flags = vxlan.vxlanFlags(b, from);
  const vni = vxlan.vxlanVni(b, from);
  const letter = (flags & vxlan.VXLAN_FLAG_VNI) !== 0 ? "I" : ".";
  const body = from + vxlan.VXLAN_HEADER;
  return {
    length: vxlan.VXLAN_HEADER,
    summary: `VXLAN, flags [${letter}] (${hexText(flags, 2)}), vni ${vni}`,
    fields: [
      field("vxlan.flags", "Flags", `${hexText(flags, 2)} [${letter}]`, from, 1),
      field("vxlan.vni", "VXLAN Network Identifier (VNI)", vni, from + 4, 3),
    ],
    next: { protocol: "ethernet", from: body, to, deeper: true },
  };
};

export const dissectGre: Dissector = ({ b, from, to }) => {
  const fault = gre.greFault(b, from, to);
  if (fault === "truncated") return cutShort("GRE header", gre.GRE_HEADER, to - from);
  if (fault === "unknown-flags") return { missing: "GRE header of another version or with routing" };
  const length = gre.greHeaderLength(b, from);
  const type = gre.greType(b, from);
  const key = gre.greKey(b, from);
  const fields: Field[] = [
    field("gre.flags", "Flags", hexText(b[from]!, 2), from, 2),
    field("gre.type", "Protocol Type", hexText(type, 4), from + 2, 2),
  ];
  if (key !== undefined)
    fields.push(field("gre.key", "Key", hexText(key, 8), from + gre.greKeyOffset(b, from), 4));
  const keyText = key === undefined ? "" : `, key=0x${key.toString(16)}`;
  return {
    length,
    summary: `GREv0${keyText}, length ${to - from}`,
    fields,
    next: {
      protocol: type === ETH_P_TEB ? "ethernet" : layerOfEtherType(type),
      from: from + length,
      to,
      deeper: true,
    },
  };
};

export const dissectEsp: Dissector = ({ b, from, to }) => {
  const read = esp.decodeEsp(b, from, to);
  if (!read.ok) return cutShort("ESP header", esp.ESP_HEADER, to - from);
  const body = from + esp.ESP_HEADER;
  return {
    length: esp.ESP_HEADER,
    summary: esp.espSummary(read.value),
    fields: [
      field("esp.spi", "ESP SPI", hexText(read.value.spi, 8), from, 4),
      field("esp.sequence", "ESP Sequence", read.value.sequence, from + 4, 4),
    ],
    ...(body < to ? { next: { protocol: "payload", from: body, to } } : {}),
  };
};
