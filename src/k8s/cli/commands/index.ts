import type { Command } from "../session.ts";
import { apiResources, clusterInfo, config, version } from "./about.ts";
import { apply } from "./apply.ts";
import { create } from "./create.ts";
import { remove } from "./delete.ts";
import { describe } from "./describe.ts";
import { exec } from "./exec.ts";
import { get } from "./get.ts";
import { annotate, label } from "./label.ts";
import { logs } from "./logs.ts";
import { cordon, taint, uncordon } from "./nodes.ts";
import { scale } from "./scale.ts";
import { wait } from "./wait.ts";

/** The verbs; one entry each. */
export const COMMANDS: readonly Command[] = [
  get,
  describe,
  create,
  apply,
  remove,
  wait,
  exec,
  logs,
  scale,
  label,
  annotate,
  taint,
  cordon,
  uncordon,
  version,
  clusterInfo,
  apiResources,
  config,
];
