import * as v from "valibot";
import { err, ok, type Result } from "../../base/result.ts";
import type { FileSystem } from "../../userland/os/fs.ts";
import { readTextOr } from "../files.ts";
import { isArray, isObject, type Json, type JsonObject, kindOf, parseObject, stringOf } from "./json.ts";
import { firstIssue } from "./result.ts";

/** One plugin of a network: its configuration as written, and what libcni itself looks at. */
export interface PluginConfig {
  readonly type: string;
  readonly capabilities: Readonly<Record<string, boolean>>;
  readonly raw: JsonObject;
}

/** A network: a chain of plugins (`*.conflist`), or a single one converted to a chain (`*.conf`, `*.json`). */
export interface NetworkConfigList {
  readonly name: string;
  readonly cniVersion: string;
  readonly disableCheck: boolean;
  readonly plugins: readonly PluginConfig[];
  readonly raw: JsonObject;
}

const PluginSchema = v.object({
  type: v.optional(v.string(), ""),
  capabilities: v.optional(v.record(v.string(), v.boolean()), {}),
});

function pluginConfig(raw: Json): Result<PluginConfig, string> {
  if (!isObject(raw))
    return err(
      `error parsing configuration: json: cannot unmarshal ${kindOf(raw)} into Go value of type types.PluginConf`,
    );
  const parsed = v.safeParse(PluginSchema, raw);
  if (!parsed.success) return err(`error parsing configuration: ${firstIssue(parsed.issues)}`);
  if (parsed.output.type === "") return err("error parsing configuration: missing 'type'");
  return ok({ type: parsed.output.type, capabilities: parsed.output.capabilities, raw });
}

/** The Go type that a JSON value decodes to, for `invalid ... type %T`. */
function goType(value: Json): string {
  if (value === null) return "<nil>";
  const names: Readonly<Record<string, string>> = {
    string: "string",
    number: "float64",
    bool: "bool",
    array: "[]interface {}",
    object: "map[string]interface {}",
  };
  return names[kindOf(value)] ?? "string";
}

/** Models: libcni NetworkConfFromBytes. */
export function parseConfigList(text: string): Result<NetworkConfigList, string> {
  const fail = (what: string): Result<never, string> => err(`error parsing configuration list: ${what}`);
  const parsed = parseObject(text, "map[string]interface {}");
  if (!parsed.ok) return fail(parsed.error);
  const raw = parsed.value;
  if (raw["name"] === undefined) return fail("no name");
  const name = stringOf(raw["name"]);
  if (name === undefined) return fail(`invalid name type ${goType(raw["name"])}`);
  const version = raw["cniVersion"] ?? "";
  if (typeof version !== "string") return fail(`invalid cniVersion type ${goType(version)}`);
  const list = raw["plugins"];
  if (list === undefined) return err("no plugin configs found");
  if (!isArray(list)) return fail(`invalid 'plugins' type ${goType(list)}`);
  if (list.length === 0) return fail("no plugins in list");
  const plugins: PluginConfig[] = [];
  for (const [i, item] of list.entries()) {
    const plugin = pluginConfig(item);
    if (!plugin.ok) return err(`failed to parse plugin config ${i}: ${plugin.error}`);
    plugins.push(plugin.value);
  }
  return ok({ name, cniVersion: version, disableCheck: raw["disableCheck"] === true, plugins, raw });
}

/** Models: libcni ConfFromBytes and ConfListFromConf. */
export function parseSingleConfig(text: string): Result<NetworkConfigList, string> {
  const parsed = parseObject(text, "types.PluginConf");
  if (!parsed.ok) return err(`error parsing configuration: ${parsed.error}`);
  const plugin = pluginConfig(parsed.value);
  if (!plugin.ok) return plugin;
  const name = stringOf(parsed.value["name"]) ?? "";
  const cniVersion = stringOf(parsed.value["cniVersion"]) ?? "";
  const raw: JsonObject = { name, cniVersion, plugins: [parsed.value] };
  return ok({ name, cniVersion, disableCheck: false, plugins: [plugin.value], raw });
}

/**
 * The network of a node: of the files in `dir` (.conf, .conflist, .json), the lexically first. A broken one is not
 * passed over. Whether the plugins' binaries exist is found out when they are run, not here.
 *
 * Models: go-cni loadFromConfDir with max_conf_num 1, as containerd does it.
 */
export function loadNetwork(fs: FileSystem, dir: string): Result<NetworkConfigList, string> {
  const names = fs.list(dir);
  const files = (names.ok ? [...names.value] : [])
    .filter((name) => /\.(conf|conflist|json)$/.test(name))
    .sort();
  if (files.length === 0) return err(`no network config found in ${dir}: cni plugin not initialized`);
  const path = `${dir}/${files[0] ?? ""}`;
  const text = readTextOr(fs, path);
  const parsed = !text.ok
    ? text
    : path.endsWith(".conflist")
      ? parseConfigList(text.value)
      : parseSingleConfig(text.value);
  if (parsed.ok) return parsed;
  const what = path.endsWith(".conflist") ? "config list file" : "config file";
  return err(`failed to load CNI ${what} ${path}: ${parsed.error}: invalid cni config`);
}
