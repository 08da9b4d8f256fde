import { docker } from "../container/cli/docker/docker.ts";
import { completeKubectl } from "../k8s/cli/complete.ts";
import { COMMANDS } from "../k8s/cli/commands/index.ts";
import { XFRM_MODULE } from "../kernel/xfrm/module.ts";
import { NET_PROGRAMS } from "../userland/net.ts";
import { PROGRAMS as USERLAND } from "../userland/programs.ts";
import { Shell } from "../userland/shell/shell.ts";
import type { Userland } from "./programs.ts";

/** The commands and the shell themselves: most of the engine's size, and not needed before somebody types. */
export const userland: Userland = {
  programs: new Map([...USERLAND, ...NET_PROGRAMS]),
  Shell,
  docker,
  kubectl: COMMANDS,
  completeKubectl,
  ipsec: XFRM_MODULE,
};
