import { LATE_PLUGINS } from "../container/cni/plugins/late.ts";
import { MORE_PLUGINS } from "../container/cni/plugins/more.ts";
import { LATE_SERVERS } from "../container/servers/late.ts";
import { MORE_SERVERS } from "../container/servers/more.ts";
import { EXTRA_PARTS } from "../k8s/extra-parts.ts";
import { EXTRAS } from "../k8s/extras.ts";
import { XFRM } from "../kernel/xfrm/late.ts";
import { XFRM_MODULE } from "../kernel/xfrm/module.ts";

/** Worlds of tests have all code at once. */
export function provideLateCode(): void {
  EXTRAS.provide(EXTRA_PARTS);
  LATE_PLUGINS.provide(MORE_PLUGINS);
  LATE_SERVERS.provide(MORE_SERVERS);
  XFRM.provide(XFRM_MODULE);
}
