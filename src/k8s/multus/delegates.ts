import { err, ok, type Result } from "../../base/result.ts";
import { type NetworkConfigList, parseConfigList, parseSingleConfig } from "../../container/cni/config.ts";
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  marshal,
  parseObject,
  stringOf,
} from "../../container/cni/json.ts";
import type { ApiStore } from "../api/index.ts";
import type { Selection } from "./selection.ts";

export const NETWORK_RESOURCE = "NetworkAttachmentDefinition.k8s.cni.cncf.io";

/** A network that multus attaches a pod to. */
export interface Delegate {
  /** What events and the status call it: the definition's namespace and name, or the configuration's name. */
  readonly name: string;
  readonly network: NetworkConfigList;
  /** A chain; a single plugin's errors are passed on as they are. */
  readonly chained: boolean;
  /** The cluster's own network: eth0. */
  readonly master: boolean;
  readonly selection: Selection | undefined;
}

/** Models: LoadDelegateNetConf. A configuration without a version has multus' own. */
export function loadDelegate(
  raw: JsonObject,
  cniVersion: string,
  selection: Selection | undefined,
): Result<Delegate, string> {
  const given = stringOf(raw["cniVersion"]) ?? "";
  const config: JsonObject = { ...raw, cniVersion: given === "" ? cniVersion : given };
  const chained = (stringOf(raw["type"]) ?? "") === "";
  if (chained && !isArray(raw["plugins"]))
    return err(
      "LoadDelegateNetConf: failed with: LoadDelegateNetConfList: delegate must have the 'type' or 'plugin' field",
    );
  const text = marshal(config);
  const network = chained ? parseConfigList(text) : parseSingleConfig(text);
  if (!network.ok) return network;
  const name = selection === undefined ? network.value.name : `${selection.namespace}/${selection.name}`;
  return ok({ name, network: network.value, chained, master: selection === undefined, selection });
}

/** The delegates of multus' own configuration: the first is the cluster's network. */
export function configuredDelegates(config: JsonObject): Result<readonly Delegate[], string> {
  const raw: readonly Json[] = isArray(config["delegates"]) ? config["delegates"] : [];
  if (raw.length === 0) return err("LoadNetConf: at least one delegate/defaultNetwork must be specified");
  const out: Delegate[] = [];
  for (const item of raw) {
    if (!isObject(item)) return err("LoadNetConf: failed to load delegate 0 config");
    const delegate = loadDelegate(item, stringOf(config["cniVersion"]) ?? "", undefined);
    if (!delegate.ok) return delegate;
    out.push({ ...delegate.value, master: out.length === 0 });
  }
  return ok(out);
}

function specOf(object: object): string | undefined {
  const spec: unknown = "spec" in object ? object.spec : undefined;
  if (typeof spec !== "object" || spec === null || !("config" in spec)) return undefined;
  return typeof spec.config === "string" ? spec.config : undefined;
}

/** What a NetworkAttachmentDefinition says. `missing` hears of one that is not there. Models: getKubernetesDelegate. */
export function definedDelegate(
  store: ApiStore,
  selection: Selection,
  cniVersion: string,
  missing: (message: string) => void,
): Result<Delegate, string> {
  const { name, namespace } = selection;
  const known = store.resources().some(({ id }) => id === NETWORK_RESOURCE);
  const object = known ? store.get(NETWORK_RESOURCE, namespace, name) : undefined;
  if (object === undefined) {
    const why = known
      ? `network-attachment-definitions.k8s.cni.cncf.io "${name}" not found`
      : "the server could not find the requested resource (get network-attachment-definitions.k8s.cni.cncf.io " +
        `${name})`;
    const text = `cannot find a network-attachment-definition (${name}) in namespace (${namespace}): ${why}`;
    missing(text);
    return err(`getKubernetesDelegate: ${text}`);
  }
  const config = specOf(object) ?? "";
  if (config === "")
    return err("flannelgraph: multus' network configurations from files are not modelled yet");
  const raw = parseObject(config, "map[string]interface {}");
  if (!raw.ok) return err(`GetCNIConfigFromSpec: failed to unmarshal Spec.Config: ${raw.error}`);
  const named = stringOf(raw.value["name"]) ?? "";
  return loadDelegate({ ...raw.value, name: named === "" ? name : named }, cniVersion, selection);
}
