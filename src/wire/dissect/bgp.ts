import * as bgp from "../bgp.ts";
import { readBgpPath } from "../bgp-path.ts";
import { formatIpv4, formatPrefix } from "../address.ts";
import { type Dissector, field, type Field } from "./layer.ts";

/** BGP as people read it. */

const CAPABILITIES: Readonly<Record<number, string>> = {
  [bgp.BGP_CAP.multiprotocol]: "Multiprotocol extensions",
  [bgp.BGP_CAP.routeRefresh]: "Route refresh",
  [bgp.BGP_CAP.gracefulRestart]: "Graceful restart",
  [bgp.BGP_CAP.as4]: "Four-octet AS numbers",
  [bgp.BGP_CAP.addPath]: "Additional paths",
  [bgp.BGP_CAP.enhancedRefresh]: "Enhanced route refresh",
  [bgp.BGP_CAP.longLivedGracefulRestart]: "Long-lived graceful restart",
};

function nlriFields(label: string, list: readonly bgp.BgpNlri[], at: number, length: number): Field[] {
  return list.map(({ prefix, pathId }) =>
    field(
      "bgp.nlri",
      label,
      formatPrefix(prefix) + (pathId === undefined ? "" : ` (path id ${pathId})`),
      at,
      length,
    ),
  );
}

function bodyFields(message: bgp.BgpMessage, at: number, length: number): Field[] {
  const one = (name: string, label: string, value: string | number): Field =>
    field(name, label, value, at, length);
  switch (message.type) {
    case "open":
      return [
        one("bgp.open.as", "My AS", message.as),
        one("bgp.open.hold", "Hold time", `${message.holdTime} s`),
        one("bgp.open.id", "BGP identifier", formatIpv4(message.id)),
        ...message.capabilities.map(({ code }) =>
          one("bgp.open.capability", "Capability", CAPABILITIES[code] ?? `code ${code}`),
        ),
      ];
    case "update": {
      const path = readBgpPath(message.attributes, 4) ?? readBgpPath(message.attributes, 2);
      const told =
        path === undefined
          ? []
          : [
              one("bgp.update.origin", "Origin", path.origin),
              one("bgp.update.as_path", "AS path", path.asPath.join(" ") || "empty"),
              one("bgp.update.next_hop", "Next hop", formatIpv4(path.nextHop)),
              ...(path.localPref === undefined
                ? []
                : [one("bgp.update.local_pref", "Local preference", path.localPref)]),
              ...(path.originatorId === undefined
                ? []
                : [one("bgp.update.originator", "Originator", formatIpv4(path.originatorId))]),
              ...(path.clusterList.length === 0
                ? []
                : [one("bgp.update.clusters", "Cluster list", path.clusterList.map(formatIpv4).join(" "))]),
            ];
      return [
        ...nlriFields("Withdrawn", message.withdrawn, at, length),
        ...told,
        ...nlriFields("Reachable", message.nlri, at, length),
      ];
    }
    case "notification":
      return [one("bgp.notification", "Error", bgp.bgpNotificationText(message.code, message.subcode))];
    default:
      return [];
  }
}

export const dissectBgp: Dissector = ({ b, from, to }) => {
  const read = bgp.decodeBgp(b, from, to);
  if (!read.ok)
    return {
      missing:
        read.error === "truncated"
          ? "BGP message cut short: it goes on in the next segment"
          : `BGP message that cannot be read (${read.error})`,
    };
  const length = bgp.bgpLength(b, from, to) ?? to - from;
  const end = from + length;
  return {
    length,
    summary: bgp.bgpSummary(read.value),
    fields: [
      field("bgp.length", "Length", length, from + 16, 2),
      field("bgp.type", "Type", read.value.type, from + 18, 1),
      ...bodyFields(read.value, from + bgp.BGP_HEADER, length - bgp.BGP_HEADER),
    ],
    ...(end < to
      ? {
          next: {
            protocol: bgp.looksLikeBgp(b, end, to) ? ("bgp" as const) : ("payload" as const),
            from: end,
            to,
          },
        }
      : {}),
  };
};
