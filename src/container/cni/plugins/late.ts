import { Late } from "../../../base/late.ts";
import type { CniPlugin } from "../plugin.ts";

/** The plugins that most clusters do without, by their type. */
export type LatePlugins = Readonly<Record<LateType, CniPlugin>>;
export type LateType = "bandwidth" | "firewall" | "ipvlan" | "macvlan" | "ptp" | "static" | "tuning";

export const LATE_PLUGINS = new Late<LatePlugins>("CNI plugins");

const KINDS: Readonly<Record<LateType, Pick<CniPlugin, "kind" | "versions">>> = {
  bandwidth: { kind: "meta", versions: ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"] },
  firewall: { kind: "meta", versions: ["0.4.0", "1.0.0", "1.1.0"] },
  ipvlan: { kind: "main" },
  macvlan: { kind: "main" },
  ptp: { kind: "main" },
  static: { kind: "ipam" },
  tuning: { kind: "meta" },
};

/** Has the type and the versions of a plugin, and leaves its work to the code that comes later. */
export function latePlugin(type: LateType): CniPlugin {
  return {
    type,
    ...KINDS[type],
    add: (args, context) => LATE_PLUGINS.get()[type].add(args, context),
    del: (args, context) => LATE_PLUGINS.get()[type].del(args, context),
    check: (args, context) => LATE_PLUGINS.get()[type].check(args, context),
  };
}

export const LATE_TYPES: readonly LateType[] = [
  "bandwidth",
  "firewall",
  "ipvlan",
  "macvlan",
  "ptp",
  "static",
  "tuning",
];
