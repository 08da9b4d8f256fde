import { err, ok, type Result } from "../../base/result.ts";
import type { Task } from "../../sim/task.ts";
import { readText, writeText } from "../files.ts";
import type { NetworkConfigList, PluginConfig } from "./config.ts";
import { invoke, type Invoker } from "./exec.ts";
import { type Json, type JsonObject, marshal, parseObject } from "./json.ts";
import type { CniCommand } from "./plugin.ts";
import { type CniResult, resultJson } from "./result.ts";

const CACHE_DIR = "/var/lib/cni";

/** libcni.RuntimeConf: one attachment of a container to a network. */
export interface Attachment {
  readonly containerId: string;
  readonly netns: string;
  readonly ifName: string;
  /** CNI_ARGS. */
  readonly args: readonly (readonly [string, string])[];
  /** Values for what a plugin declares under `capabilities` (portMappings, bandwidth ...). */
  readonly capabilityArgs: JsonObject;
}

/** Where plugins are found and who watches. */
export interface CniRunner extends Invoker {
  /** Where results are kept; libcni's own place unless a plugin keeps them elsewhere. */
  readonly cacheDir?: string;
}

/** The configuration on one plugin's standard input: its own, with what libcni puts in. Models: libcni buildOneConfig. */
function buildConfig(
  network: NetworkConfigList,
  plugin: PluginConfig,
  previous: Json | undefined,
  attachment: Attachment,
): JsonObject {
  const runtimeConfig: Record<string, Json> = {};
  for (const [capability, wanted] of Object.entries(plugin.capabilities)) {
    const value = attachment.capabilityArgs[capability];
    if (wanted && value !== undefined) runtimeConfig[capability] = value;
  }
  return {
    ...plugin.raw,
    name: network.name,
    cniVersion: network.cniVersion,
    ...(previous !== undefined && { prevResult: previous }),
    ...(Object.keys(runtimeConfig).length > 0 && { runtimeConfig }),
  };
}

function* runOne(
  runner: CniRunner,
  command: CniCommand,
  network: NetworkConfigList,
  plugin: PluginConfig,
  previous: Json | undefined,
  attachment: Attachment,
): Task<Result<CniResult, string>> {
  const { containerId, netns, ifName } = attachment;
  return yield* invoke(runner, command, plugin.type, {
    containerId,
    netns,
    ifName,
    args: attachment.args.map(([key, value]) => `${key}=${value}`).join(";"),
    path: runner.path,
    cniVersion: network.cniVersion,
    config: buildConfig(network, plugin, previous, attachment),
  });
}

function describe(plugin: PluginConfig): string {
  const name = plugin.raw["name"];
  return `type="${plugin.type}"` + (typeof name === "string" && name !== "" ? ` name="${name}"` : "");
}

function cacheFile(runner: CniRunner, network: NetworkConfigList, attachment: Attachment): string {
  return `${runner.cacheDir ?? CACHE_DIR}/results/${network.name}-${attachment.containerId}-${attachment.ifName}`;
}

/** Whether a result is handed to CHECK and DEL: since 0.4.0. */
function knowsCachedResults(version: string): boolean {
  return version.startsWith("1.") || version === "0.4.0";
}

function cachedResult(
  runner: CniRunner,
  network: NetworkConfigList,
  attachment: Attachment,
): Json | undefined {
  const text = readText(runner.host.fs, cacheFile(runner, network, attachment));
  const entry = text.ok ? parseObject(text.value, "libcni.cachedInfo") : text;
  return entry.ok ? entry.value["result"] : undefined;
}

/** Runs the plugins in order; each gets the previous one's result. Models: libcni AddNetworkList. */
export function* addNetworkList(
  runner: CniRunner,
  network: NetworkConfigList,
  attachment: Attachment,
): Task<Result<CniResult, string>> {
  return yield* addPlugins(
    runner,
    network,
    attachment,
    (plugin, error) => `plugin ${describe(plugin)} failed (add): ${error}`,
  );
}

/** A network of one plugin, whose error is passed on as it is. Models: libcni AddNetwork. */
export function* addNetwork(
  runner: CniRunner,
  network: NetworkConfigList,
  attachment: Attachment,
): Task<Result<CniResult, string>> {
  return yield* addPlugins(runner, network, attachment, (_plugin, error) => error);
}

function* addPlugins(
  runner: CniRunner,
  network: NetworkConfigList,
  attachment: Attachment,
  worded: (plugin: PluginConfig, error: string) => string,
): Task<Result<CniResult, string>> {
  let previous: Json | undefined;
  let result: CniResult = { interfaces: [], ips: [], routes: [], dns: {} };
  for (const plugin of network.plugins) {
    const answer = yield* runOne(runner, "ADD", network, plugin, previous, attachment);
    if (!answer.ok) return err(worded(plugin, answer.error));
    result = answer.value;
    previous = resultJson(result, network.cniVersion);
  }
  const entry: JsonObject = {
    kind: "cniCacheV1",
    containerId: attachment.containerId,
    ifName: attachment.ifName,
    networkName: network.name,
    netns: attachment.netns,
    cniArgs: attachment.args.map(([key, value]) => [key, value]),
    result: previous ?? null,
  };
  writeText(runner.host.fs, cacheFile(runner, network, attachment), marshal(entry, "", false));
  return ok(result);
}

/** Runs the plugins in reverse order. Models: libcni DelNetworkList. */
export function* delNetworkList(
  runner: CniRunner,
  network: NetworkConfigList,
  attachment: Attachment,
): Task<Result<void, string>> {
  const previous = knowsCachedResults(network.cniVersion)
    ? cachedResult(runner, network, attachment)
    : undefined;
  for (const plugin of network.plugins.toReversed()) {
    const answer = yield* runOne(runner, "DEL", network, plugin, previous, attachment);
    if (!answer.ok) return err(`plugin ${describe(plugin)} failed (delete): ${answer.error}`);
  }
  runner.host.fs.remove(cacheFile(runner, network, attachment));
  return ok();
}

/** Asks each plugin whether all is still as ADD left it. Models: libcni CheckNetworkList. */
export function* checkNetworkList(
  runner: CniRunner,
  network: NetworkConfigList,
  attachment: Attachment,
): Task<Result<void, string>> {
  if (!knowsCachedResults(network.cniVersion))
    return err(`configuration version "${network.cniVersion}" does not support CHECK command`);
  if (network.disableCheck) return ok();
  const previous = cachedResult(runner, network, attachment);
  for (const plugin of network.plugins) {
    const answer = yield* runOne(runner, "CHECK", network, plugin, previous, attachment);
    if (!answer.ok) return answer;
  }
  return ok();
}
