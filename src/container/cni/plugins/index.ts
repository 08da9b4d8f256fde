import type { CniPlugin } from "../plugin.ts";
import { bridge } from "./bridge/bridge.ts";
import { flannel } from "./flannel/flannel.ts";
import { hostLocal } from "./host-local/host-local.ts";
import { LATE_TYPES, latePlugin } from "./late.ts";
import { loopback } from "./loopback/loopback.ts";
import { portmap } from "./portmap/portmap.ts";

/** Every plugin that is modelled. Adding one is adding a folder and a line, here or (with its code) in late.ts and more.ts. */
export const PLUGINS: readonly CniPlugin[] = [
  bridge,
  flannel,
  hostLocal,
  loopback,
  portmap,
  ...LATE_TYPES.map(latePlugin),
];

/** The binaries of the containernetworking/plugins release, which kind's nodes carry here; flannel is not among them. */
export const REFERENCE_PLUGINS: readonly string[] = [
  "bandwidth",
  "bridge",
  "dhcp",
  "dummy",
  "firewall",
  "host-device",
  "host-local",
  "ipvlan",
  "loopback",
  "macvlan",
  "portmap",
  "ptp",
  "sbr",
  "static",
  "tap",
  "tuning",
  "vlan",
  "vrf",
];
