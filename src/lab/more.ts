import { MORE_PLUGINS } from "../container/cni/plugins/more.ts";
import { MORE_SERVERS } from "../container/servers/more.ts";
import { EXTRA_PARTS } from "../k8s/extra-parts.ts";
import { readKind, startCluster } from "./cluster.ts";
import type { Parts } from "./programs.ts";
import { wrongUnderlay } from "./underlay/check.ts";
import { BuiltUnderlay } from "./underlay/index.ts";

/** What only some clusters run, in a file of its own. */
export const parts: Parts = {
  cluster: { readKind, startCluster },
  extras: EXTRA_PARTS,
  plugins: MORE_PLUGINS,
  servers: MORE_SERVERS,
  underlay: { Underlay: BuiltUnderlay, wrong: wrongUnderlay },
};
