import type { ApiStore } from "../api/index.ts";
import { isA } from "../api/types.ts";
import { type FlagSpec, GLOBAL_FLAGS } from "./flags.ts";
import { findResource } from "./resolve.ts";
import type { Command } from "./session.ts";

/** What Tab offers after kubectl: verbs, resources, objects, containers, namespaces, flags. Models: kubectl completion. */

/** Verbs whose first operand is a pod, or `type/name` for one of its pods. */
const OF_PODS = new Set(["exec", "logs", "port-forward", "attach"]);
/** Verbs whose operands are a type and names of it. */
const OF_TYPES = new Set([
  "get",
  "describe",
  "delete",
  "label",
  "annotate",
  "patch",
  "expose",
  "scale",
  "set",
]);
const OF_NODES = new Set(["cordon", "uncordon", "drain", "taint"]);
const ROLLOUTS = ["history", "pause", "restart", "resume", "status", "undo"];
const SCALABLE = ["deployment", "daemonset", "statefulset"];

interface Line {
  readonly verb: string | undefined;
  readonly operands: readonly string[];
  readonly namespace: string;
  /** The flag whose value is being typed. */
  readonly flag: string | undefined;
}

function takesValue(flags: readonly FlagSpec[], word: string): string | undefined {
  if (!word.startsWith("-") || word.includes("=")) return undefined;
  const name = word.replace(/^--?/, "");
  const spec = flags.find((each) => each.name === name || (word[1] !== "-" && each.short === name));
  return spec?.kind === "text" || spec?.kind === "list" ? spec.name : undefined;
}

function read(words: readonly string[], commands: readonly Command[]): Line {
  let flags = GLOBAL_FLAGS;
  const operands: string[] = [];
  let namespace = "default";
  let flag: string | undefined;
  for (const word of words.slice(1, -1)) {
    if (flag !== undefined) {
      if (flag === "namespace") namespace = word;
      flag = undefined;
      continue;
    }
    flag = takesValue(flags, word);
    const set = /^(?:-n|--namespace)=?(.+)$/.exec(word);
    if (set !== null && flag === undefined) namespace = set[1]!;
    if (word.startsWith("-")) continue;
    operands.push(word);
    if (operands.length > 1) continue;
    flags = [...GLOBAL_FLAGS, ...(commands.find(({ name }) => name === word)?.flags ?? [])];
  }
  return { verb: operands[0], operands: operands.slice(1), namespace, flag };
}

function names(store: ApiStore, type: string, namespace: string): readonly string[] {
  const resource = findResource(store.resources(), type);
  if (resource === undefined) return [];
  const scope = resource.namespaced ? { namespace } : {};
  return store.list(resource.id, scope).map(({ metadata }) => metadata.name);
}

function typed(
  store: ApiStore,
  types: readonly string[],
  current: string,
  namespace: string,
): readonly string[] {
  const [type = ""] = current.split("/");
  if (current.includes("/")) return names(store, type, namespace).map((name) => `${type}/${name}`);
  return types;
}

function flagsOf(command: Command | undefined): readonly string[] {
  return [...(command?.flags ?? []), ...GLOBAL_FLAGS].map(({ name }) => `--${name}`);
}

function containers(store: ApiStore, { operands, namespace }: Line): readonly string[] {
  const pod = store.get("Pod", namespace, operands[0] ?? "");
  if (pod === undefined || !isA("Pod", pod)) return [];
  return pod.spec.containers.map(({ name }) => name);
}

/** Candidates for the last word; undefined where a file stands. */
export function completeKubectl(
  store: ApiStore,
  commands: readonly Command[],
  words: readonly string[],
): readonly string[] | undefined {
  const current = words.at(-1) ?? "";
  const line = read(words, commands);
  const { verb, operands, namespace, flag } = line;
  if (flag === "namespace") return names(store, "namespaces", "");
  if (flag === "container") return containers(store, line);
  if (flag === "output") return ["wide", "yaml", "json", "name", "jsonpath="];
  if (flag !== undefined || words.includes("--")) return undefined;
  if (verb === undefined)
    return current.startsWith("-") ? flagsOf(undefined) : commands.map(({ name }) => name);
  if (current.startsWith("-")) return flagsOf(commands.find(({ name }) => name === verb));
  if (OF_PODS.has(verb)) {
    const pods = names(store, "pods", namespace);
    return operands.length > 0 ? [] : [...pods, ...typed(store, [], current, namespace)];
  }
  if (OF_NODES.has(verb)) return names(store, "nodes", "");
  if (verb === "rollout") {
    if (operands.length === 0) return ROLLOUTS;
    return operands.length === 1
      ? typed(store, SCALABLE, current, namespace)
      : names(store, operands[1]!, namespace);
  }
  if (!OF_TYPES.has(verb)) return undefined;
  const types = store.resources().map(({ plural }) => plural);
  if (operands.length === 0) return typed(store, types, current, namespace);
  return names(store, operands[0]!, namespace);
}
