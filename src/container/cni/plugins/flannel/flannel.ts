import { err, ok, type Result } from "../../../../base/result.ts";
import type { Task } from "../../../../sim/task.ts";
import { formatPrefix } from "../../../../wire/address.ts";
import { fsErrorText, readText, readTextOr, writeText } from "../../../files.ts";
import { isArray, isObject, type Json, type JsonObject, marshal, parseObject, stringOf } from "../../json.ts";
import type { CniArgs, CniPlugin, PluginContext } from "../../plugin.ts";
import type { CniResult } from "../../result.ts";
import { parseSubnetEnv, type SubnetEnv } from "./subnet-env.ts";

const SUBNET_FILE = "/run/flannel/subnet.env";
const DATA_DIR = "/var/lib/cni/flannel";

/** Keys of `delegate` that are the plugin's own business. */
function refusedDelegate(delegate: JsonObject): string | undefined {
  if (delegate["type"] !== undefined && typeof delegate["type"] !== "string")
    return "'delegate' dictionary, if present, must have (string) 'type' field";
  for (const key of ["name", "ipam"])
    if (delegate[key] !== undefined)
      return `'delegate' dictionary must not have '${key}' field, it'll be set by flannel`;
  return undefined;
}

/** Models: flannel-io/cni-plugin getDelegateIPAM. */
function delegateIpam(config: JsonObject, env: SubnetEnv): JsonObject {
  const ipam = isObject(config["ipam"]) ? config["ipam"] : {};
  const given: readonly Json[] = isArray(ipam["routes"]) ? ipam["routes"] : [];
  return {
    type: "host-local",
    ...ipam,
    ranges: [[{ subnet: formatPrefix(env.subnet) }]],
    routes: [...given, ...env.networks.map((network) => ({ dst: formatPrefix(network) }))],
  };
}

/** The configuration of the plugin that does the work. Models: flannel-io/cni-plugin doCmdAdd. */
export function delegateConfig(config: JsonObject, env: SubnetEnv): JsonObject {
  const delegate = isObject(config["delegate"]) ? config["delegate"] : {};
  const type = stringOf(delegate["type"]) ?? "bridge";
  return {
    ...(type === "bridge" && { isGateway: true }),
    ipMasq: !env.ipMasq,
    mtu: env.mtu,
    ...delegate,
    ...(config["runtimeConfig"] !== undefined && { runtimeConfig: config["runtimeConfig"] }),
    name: config["name"] ?? "",
    type,
    cniVersion: config["cniVersion"] ?? "",
    ipam: delegateIpam(config, env),
  };
}

function dataFile(args: CniArgs): string {
  return `${stringOf(args.config["dataDir"]) ?? DATA_DIR}/${args.containerId}`;
}

function loadEnv(args: CniArgs, context: PluginContext): Result<SubnetEnv, string> {
  const path = stringOf(args.config["subnetFile"]) ?? SUBNET_FILE;
  const text = readTextOr(context.host.fs, path);
  const env = text.ok ? parseSubnetEnv(text.value, path) : text;
  if (env.ok) return env;
  return err(
    `failed to load flannel 'subnet.env' file: ${env.error}. Check the flannel pod log for this node.`,
  );
}

/**
 * Turns what flanneld wrote into a configuration for the bridge plugin and calls it.
 *
 * Models: flannel-io/cni-plugin v1.9.1-flannel1.
 */
export const flannel: CniPlugin = {
  type: "flannel",
  kind: "meta",

  *add(args, context): Task<Result<CniResult, string>> {
    const env = loadEnv(args, context);
    if (!env.ok) return env;
    const refused = isObject(args.config["delegate"]) ? refusedDelegate(args.config["delegate"]) : undefined;
    if (refused !== undefined) return err(refused);
    const config = delegateConfig(args.config, env.value);
    const saved = writeText(context.host.fs, dataFile(args), marshal(config));
    if (!saved.ok) return err(`open ${dataFile(args)}: ${fsErrorText(saved.error)}`);
    const result = yield* context.delegate("ADD", stringOf(config["type"]) ?? "", config);
    return result.ok ? result : err(`failed to delegate add: ${result.error}`);
  },

  *del(args, context): Task<Result<void, string>> {
    const saved = readText(context.host.fs, dataFile(args));
    if (!saved.ok) return ok();
    const config = parseObject(saved.value, "types.NetConf");
    if (config.ok) {
      const gone = yield* context.delegate("DEL", stringOf(config.value["type"]) ?? "", config.value);
      if (!gone.ok) return gone;
    }
    context.host.fs.remove(dataFile(args));
    return ok();
  },

  *check(): Task<Result<void, string>> {
    return ok();
  },
};
