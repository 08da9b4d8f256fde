import type { Command } from "../session.ts";
import { apiResources, apiVersions, clusterInfo, config, version } from "./about.ts";
import { apply } from "./apply.ts";
import { autoscale } from "./autoscale.ts";
import { replace } from "./replace.ts";
import { create } from "./create.ts";
import { remove } from "./delete.ts";
import { describe } from "./describe.ts";
import { drain } from "./drain.ts";
import { exec } from "./exec.ts";
import { expose } from "./expose.ts";
import { get } from "./get.ts";
import { copy } from "./cp.ts";
import { edit } from "./edit.ts";
import { events } from "./events.ts";
import { auth, top } from "./small.ts";
import { annotate, label } from "./label.ts";
import { logs } from "./logs.ts";
import { cordon, taint, uncordon } from "./nodes.ts";
import { patch } from "./patch.ts";
import { portForward } from "./port-forward.ts";
import { rollout } from "./rollout.ts";
import { runPod } from "./run.ts";
import { scale } from "./scale.ts";
import { set } from "./set.ts";
import { wait } from "./wait.ts";

/** The verbs; one entry each. */
export const COMMANDS: readonly Command[] = [
  get,
  describe,
  create,
  runPod,
  expose,
  apply,
  remove,
  wait,
  exec,
  logs,
  portForward,
  scale,
  autoscale,
  replace,
  set,
  rollout,
  patch,
  label,
  annotate,
  taint,
  cordon,
  uncordon,
  drain,
  version,
  clusterInfo,
  apiResources,
  apiVersions,
  events,
  top,
  auth,
  copy,
  edit,
  config,
];
