import type { Result } from "../../base/result.ts";
import type { NetApi } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import type { Host } from "../../userland/os/host.ts";
import type { Invoker } from "./exec.ts";
import type { JsonObject } from "./json.ts";
import type { CniResult } from "./result.ts";

export type CniCommand = "ADD" | "DEL" | "CHECK";

/** What the runtime puts into the environment and on standard input of a plugin (CNI SPEC.md, "Parameters"). */
export interface CniArgs {
  readonly containerId: string;
  /** Path below /var/run/netns; empty when the namespace is gone already (DEL). */
  readonly netns: string;
  readonly ifName: string;
  /** CNI_ARGS: `KEY=value;KEY=value`. */
  readonly args: string;
  readonly path: readonly string[];
  readonly config: JsonObject;
  readonly cniVersion: string;
}

/** A plugin's surroundings: the machine that it runs on, and how it reaches other namespaces and other plugins. */
export interface PluginContext {
  readonly host: Host;
  /** The host's network namespace, signed with the plugin's name. */
  readonly net: NetApi;
  /** ns.GetNS: the namespace at a path, signed with the plugin's name. */
  openNetns(path: string): Result<NetApi, string>;
  /** For a plugin that runs whole networks of its own, as libcni does. */
  readonly runner: Invoker;
  /** invoke.DelegateAdd and friends: runs another plugin with this call's environment and its own configuration. */
  delegate(command: CniCommand, type: string, config: JsonObject): Task<Result<CniResult, string>>;
}

/**
 * A CNI plugin. The verbs change the kernel through the context only; an error is the `msg` of the error that the real
 * plugin prints. DEL answers nothing but must tolerate what is gone already.
 */
export interface CniPlugin {
  /** The `type` of a configuration, and the name of the binary. */
  readonly type: string;
  readonly kind: "main" | "ipam" | "meta";
  /** Versions of the specification that it knows, when not all of ours. */
  readonly versions?: readonly string[];
  add(args: CniArgs, context: PluginContext): Task<Result<CniResult, string>>;
  del(args: CniArgs, context: PluginContext): Task<Result<void, string>>;
  check(args: CniArgs, context: PluginContext): Task<Result<void, string>>;
}

export const EMPTY_RESULT: CniResult = { interfaces: [], ips: [], routes: [], dns: {} };
