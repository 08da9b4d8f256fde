import type { CniPlugin } from "../plugin.ts";
import { bandwidth } from "./bandwidth/bandwidth.ts";
import { bridge } from "./bridge/bridge.ts";
import { firewall } from "./firewall/firewall.ts";
import { flannel } from "./flannel/flannel.ts";
import { hostLocal } from "./host-local/host-local.ts";
import { ipvlan } from "./ipvlan/ipvlan.ts";
import { loopback } from "./loopback/loopback.ts";
import { macvlan } from "./macvlan/macvlan.ts";
import { portmap } from "./portmap/portmap.ts";
import { ptp } from "./ptp/ptp.ts";
import { staticIpam } from "./static/static.ts";
import { tuning } from "./tuning/tuning.ts";

/** Every plugin that is modelled. Adding one is adding a folder and a line here. */
export const PLUGINS: readonly CniPlugin[] = [
  bandwidth,
  bridge,
  firewall,
  flannel,
  hostLocal,
  ipvlan,
  loopback,
  macvlan,
  portmap,
  ptp,
  staticIpam,
  tuning,
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
