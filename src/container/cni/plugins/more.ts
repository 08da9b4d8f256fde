import { bandwidth } from "./bandwidth/bandwidth.ts";
import { firewall } from "./firewall/firewall.ts";
import { ipvlan } from "./ipvlan/ipvlan.ts";
import type { LatePlugins } from "./late.ts";
import { macvlan } from "./macvlan/macvlan.ts";
import { ptp } from "./ptp/ptp.ts";
import { staticIpam } from "./static/static.ts";
import { tuning } from "./tuning/tuning.ts";

/** What `late.ts` stands in for. */
export const MORE_PLUGINS: LatePlugins = {
  bandwidth,
  firewall,
  ipvlan,
  macvlan,
  ptp,
  static: staticIpam,
  tuning,
};
