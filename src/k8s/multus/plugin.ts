import { err, ok, type Result } from "../../base/result.ts";
import {
  addNetwork,
  addNetworkList,
  type Attachment,
  type CniRunner,
  delNetworkList,
} from "../../container/cni/chain.ts";
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  marshal,
  parseJson,
  stringOf,
} from "../../container/cni/json.ts";
import type { CniArgs, CniPlugin, PluginContext } from "../../container/cni/plugin.ts";
import type { CniResult } from "../../container/cni/result.ts";
import { readText, writeText } from "../../container/files.ts";
import type { Task } from "../../sim/task.ts";
import { formatPrefix } from "../../wire/address.ts";
import { ApiClient, type ApiStore, EventRecorder, type Pod } from "../api/index.ts";
import { configuredDelegates, type Delegate, definedDelegate, loadDelegate } from "./delegates.ts";
import { parseSelections } from "./selection.ts";
import { networkStatus, STATUS_ANNOTATION } from "./status.ts";

const NETWORKS = "k8s.v1.cni.cncf.io/networks";
const DEFAULT_NETWORK = "v1.multus-cni.io/default-network";
const CNI_DIR = "/var/lib/cni/multus";

/** K8S_POD_NAME and the like. */
function argument(args: CniArgs, key: string): string {
  const pair = args.args.split(";").find((candidate) => candidate.startsWith(`${key}=`));
  return pair?.slice(key.length + 1) ?? "";
}

/** `[namespace/name/uid]`, as multus begins its errors. */
function who(args: CniArgs): string {
  return ["K8S_POD_NAMESPACE", "K8S_POD_NAME", "K8S_POD_UID"].map((key) => argument(args, key)).join("/");
}

function dirOf(args: CniArgs): string {
  return stringOf(args.config["cniDir"]) ?? CNI_DIR;
}

/** The default network keeps its name, the others count. Models: getIfname. */
function ifNameOf(delegate: Delegate, args: CniArgs, index: number): string {
  const wanted = delegate.selection?.ifName ?? "";
  if (wanted !== "") return wanted;
  return delegate.master ? args.ifName : `net${index}`;
}

/** What the runtime gave multus goes to every delegate; what the pod asked for a network, to that one alone. */
function attachmentOf(delegate: Delegate, args: CniArgs, index: number): Attachment {
  const { selection } = delegate;
  const given = isObject(args.config["runtimeConfig"]) ? args.config["runtimeConfig"] : {};
  const mac = selection?.mac ?? "";
  const ips = selection?.ips ?? [];
  const keys = ["K8S_POD_NAMESPACE", "K8S_POD_NAME", "K8S_POD_INFRA_CONTAINER_ID", "K8S_POD_UID"];
  return {
    containerId: args.containerId,
    netns: args.netns,
    ifName: ifNameOf(delegate, args, index),
    args: [
      ["IgnoreUnknown", "true"],
      ...keys.map((key): [string, string] => [key, argument(args, key)]),
      ...(mac === "" ? [] : [["MAC", mac] as const]),
      ...(ips.length === 0 ? [] : [["IP", ips.join(",")] as const]),
    ],
    capabilityArgs: {
      ...given,
      ...(mac !== "" && { mac }),
      ...(ips.length > 0 && { ips }),
    },
  };
}

function runnerOf(args: CniArgs, context: PluginContext): CniRunner {
  const binDir = stringOf(args.config["binDir"]) ?? "/opt/cni/bin";
  const { runner } = context;
  return { ...runner, path: [binDir, ...runner.path], cacheDir: dirOf(args) };
}

/** What ADD attached, for DEL: the definitions may have changed by then. Models: saveDelegates. */
function saveDelegates(args: CniArgs, context: PluginContext, delegates: readonly Delegate[]): void {
  const saved: Json = delegates.map(({ network, chained, selection }): JsonObject => ({
    config: chained ? network.raw : (network.plugins[0]?.raw ?? {}),
    ...(selection !== undefined && {
      selection: { ...selection, ips: [...selection.ips] },
    }),
  }));
  writeText(context.host.fs, `${dirOf(args)}/${args.containerId}`, marshal(saved, "", false), 0o600);
}

function savedDelegates(args: CniArgs, context: PluginContext): readonly Delegate[] | undefined {
  const path = `${dirOf(args)}/${args.containerId}`;
  const text = readText(context.host.fs, path);
  const json = text.ok ? parseJson(text.value) : undefined;
  if (json?.ok !== true || !isArray(json.value)) return undefined;
  context.host.fs.remove(path);
  const out: Delegate[] = [];
  for (const item of json.value) {
    if (!isObject(item) || !isObject(item["config"])) continue;
    const ifName = isObject(item["selection"]) ? stringOf(item["selection"]["ifName"]) : undefined;
    const selection =
      ifName === undefined ? undefined : { name: "", namespace: "", ifName, mac: "", ips: [] };
    const delegate = loadDelegate(item["config"], stringOf(args.config["cniVersion"]) ?? "", selection);
    if (delegate.ok) out.push(delegate.value);
  }
  return out;
}

/** In reverse order; every one is tried. Models: delPlugins. */
function* delAll(
  args: CniArgs,
  context: PluginContext,
  delegates: readonly Delegate[],
): Task<Result<void, string>> {
  const errors: string[] = [];
  for (const [index, delegate] of [...delegates.entries()].toReversed()) {
    const attachment = attachmentOf(delegate, args, index);
    const gone = yield* delNetworkList(runnerOf(args, context), delegate.network, attachment);
    if (gone.ok) continue;
    const verb = delegate.chained ? "ConflistDel" : "DelegateDel";
    const what = delegate.chained ? delegate.network.name : (delegate.network.plugins[0]?.type ?? "");
    errors.push(`DelegateDel: error invoking ${verb} - "${what}": ${gone.error}`);
  }
  return errors.length === 0 ? ok() : err(`errors: ${errors.join(" / ")}`);
}

/** The networks that the pod's annotation names. Models: TryLoadPodDelegates. */
function podDelegates(
  store: ApiStore,
  pod: Pod,
  cniVersion: string,
  record: (type: "Normal" | "Warning", reason: string, message: string) => void,
): Result<readonly Delegate[], string> {
  const annotations = pod.metadata.annotations ?? {};
  if (annotations[DEFAULT_NETWORK] !== undefined)
    return err(`flannelgraph: multus' annotation ${DEFAULT_NETWORK} is not modelled yet`);
  const text = annotations[NETWORKS] ?? "";
  if (text === "") return ok([]);
  const selections = parseSelections(text, pod.metadata.namespace ?? "default");
  if (!selections.ok) return selections;
  const out: Delegate[] = [];
  for (const selection of selections.value) {
    const delegate = definedDelegate(store, selection, cniVersion, (message) =>
      record("Warning", "NoNetworkFound", message),
    );
    if (!delegate.ok)
      return err(
        `TryLoadPodDelegates: error in getting k8s network for pod: GetNetworkDelegates: failed getting the delegate: ${delegate.error}`,
      );
    out.push(delegate.value);
  }
  return ok(out);
}

function* addAll(
  args: CniArgs,
  context: PluginContext,
  delegates: readonly Delegate[],
  added: (delegate: Delegate, ifName: string, result: CniResult) => void,
): Task<Result<CniResult, string>> {
  let master: CniResult | undefined;
  for (const [index, delegate] of delegates.entries()) {
    const attachment = attachmentOf(delegate, args, index);
    const add = delegate.chained ? addNetworkList : addNetwork;
    const result = yield* add(runnerOf(args, context), delegate.network, attachment);
    const { name } = delegate.network;
    if (!result.ok) {
      yield* delAll(args, context, delegates.slice(0, index + 1));
      return err(`[${who(args)}:${name}]: error adding container to network "${name}": ${result.error}`);
    }
    added(delegate, attachment.ifName, result.value);
    if (delegate.master || master === undefined) master = result.value;
  }
  return master === undefined ? err("no delegates") : ok(master);
}

/**
 * Attaches a pod to the cluster's network as eth0 and to those that its annotation names as net1, net2 ..., each with the
 * plugins and the IPAM of its own definition, and writes what came of it into the pod's annotation.
 *
 * Models: multus-cni v4.3.0 (thin), pkg/multus CmdAdd, CmdDel. Not modelled: default-network, default-route, devices,
 * namespace isolation, CHECK.
 */
export function multus(store: ApiStore): CniPlugin {
  const client = new ApiClient(store, "multus");
  const recorder = new EventRecorder(client, "multus");
  return {
    type: "multus",
    kind: "meta",

    *add(args, context): Task<Result<CniResult, string>> {
      const configured = configuredDelegates(args.config);
      if (!configured.ok) return err(`Multus: error loading netconf: ${configured.error}`);
      const namespace = argument(args, "K8S_POD_NAMESPACE");
      const name = argument(args, "K8S_POD_NAME");
      const pod = client.get("Pod", namespace, name);
      if (pod === undefined) return ok({ interfaces: [], ips: [], routes: [], dns: {} });
      const record = (type: "Normal" | "Warning", reason: string, message: string): void =>
        recorder.record(pod, { type, reason, message });
      const wanted = podDelegates(store, pod, args.cniVersion, record);
      if (!wanted.ok)
        return err(`Multus: [${who(args)}]: error loading k8s delegates k8s args: ${wanted.error}`);
      const delegates = [...configured.value, ...wanted.value];
      saveDelegates(args, context, delegates);
      const statuses: JsonObject[] = [];
      const result = yield* addAll(args, context, delegates, (delegate, ifName, each) => {
        const ips = each.ips.map(({ address }) => formatPrefix(address)).join(" ");
        record("Normal", "AddedInterface", `Add ${ifName} [${ips}] from ${delegate.name}`);
        statuses.push(networkStatus(delegate, each));
      });
      if (!result.ok) return result;
      const text = `[${statuses.map((status) => marshal(status, "    ", false)).join(",")}]`;
      client.updateStatus("Pod", namespace, name, (current) => ({
        ...current,
        metadata: {
          ...current.metadata,
          annotations: { ...current.metadata.annotations, [STATUS_ANNOTATION]: text },
        },
      }));
      return result;
    },

    *del(args, context): Task<Result<void, string>> {
      const saved = savedDelegates(args, context);
      if (saved !== undefined) return yield* delAll(args, context, saved);
      const configured = configuredDelegates(args.config);
      return configured.ok ? yield* delAll(args, context, configured.value) : configured;
    },

    *check(): Task<Result<void, string>> {
      return err("flannelgraph: multus CHECK is not modelled yet");
    },
  };
}
