import { isList, isRecord, type JsonRecord, sameJson } from "../../formats/json.ts";

/**
 * The field that tells the items of a list apart, by the list's name. Models: the patchMergeKey tags of the API types.
 * A list that is not here is replaced as a whole.
 */
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ["name"],
  initContainers: ["name"],
  ephemeralContainers: ["name"],
  env: ["name"],
  volumes: ["name"],
  volumeMounts: ["mountPath"],
  volumeDevices: ["devicePath"],
  ports: ["containerPort", "port"],
  imagePullSecrets: ["name"],
  hostAliases: ["ip"],
  secrets: ["name"],
  topologySpreadConstraints: ["topologyKey"],
  ownerReferences: ["uid"],
};

export function mergeKey(name: string, items: readonly unknown[]): string | undefined {
  const candidates = MERGE_KEYS[name] ?? [];
  return candidates.find(
    (key) => items.length > 0 && items.every((item) => isRecord(item) && item[key] !== undefined),
  );
}

/**
 * The three-way merge of `kubectl apply`: what `modified` says holds, what `original` (the last applied) said and
 * `modified` no longer says goes, and everything else in `current` stays.
 */
export function mergeTrees(original: unknown, modified: unknown, current: unknown, name = ""): unknown {
  if (isRecord(modified) && isRecord(current))
    return mergeRecords(isRecord(original) ? original : {}, modified, current);
  if (isList(modified) && isList(current)) {
    const key = mergeKey(name, [...modified, ...current]);
    if (key !== undefined) return mergeItems(isList(original) ? original : [], modified, current, key);
  }
  return modified;
}

function mergeRecords(original: JsonRecord, modified: JsonRecord, current: JsonRecord): JsonRecord {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(current)) {
    if (modified[key] !== undefined) out[key] = mergeTrees(original[key], modified[key], value, key);
    else if (original[key] === undefined) out[key] = value;
  }
  for (const [key, value] of Object.entries(modified)) {
    if (current[key] === undefined && value !== undefined) out[key] = value;
  }
  return out;
}

function mergeItems(
  original: readonly unknown[],
  modified: readonly unknown[],
  current: readonly unknown[],
  key: string,
): readonly unknown[] {
  const find = (list: readonly unknown[], id: unknown): unknown =>
    list.find((item) => isRecord(item) && sameJson(item[key], id));
  const idOf = (item: unknown): unknown => (isRecord(item) ? item[key] : undefined);
  const kept = current.filter(
    (item) => find(modified, idOf(item)) === undefined && find(original, idOf(item)) === undefined,
  );
  const given = modified.map((item) => {
    const id = idOf(item);
    const now = find(current, id);
    return now === undefined ? item : mergeTrees(find(original, id), item, now);
  });
  return [...given, ...kept];
}
