import { parseDocument } from "yaml";
import { isRecord } from "../../formats/json.ts";
import { parseManifest } from "../../formats/manifest.ts";
import type { TextKey } from "../i18n/en.ts";

type Path = readonly (string | number)[];

/** One input of a form over an object's text. */
export interface Field {
  readonly label: TextKey;
  readonly path: Path;
  readonly type: "name" | "text" | "image" | "port" | "replicas" | "labels" | "node" | "choice" | "flag";
  readonly choices?: readonly string[];
  /** What the API assumes when nothing is written. */
  readonly usual?: string;
}

const NAME: Field = { label: "form.name", path: ["metadata", "name"], type: "name" };
const LABELS: Field = { label: "form.labels", path: ["metadata", "labels"], type: "labels" };
const pod = (at: Path): readonly Field[] => [
  { label: "form.image", path: [...at, "containers", 0, "image"], type: "image" },
  { label: "form.port", path: [...at, "containers", 0, "ports", 0, "containerPort"], type: "port" },
];
const workload = (hasReplicas: boolean): readonly Field[] => [
  NAME,
  ...(hasReplicas
    ? [{ label: "form.replicas", path: ["spec", "replicas"], type: "replicas", usual: "1" } as const]
    : []),
  ...pod(["spec", "template", "spec"]),
  { label: "form.labels.pods", path: ["spec", "template", "metadata", "labels"], type: "labels" },
];

/** What can be changed in a form; the rest is for the text. */
export const FIELDS: Readonly<Record<string, readonly Field[]>> = {
  Pod: [
    NAME,
    ...pod(["spec"]),
    { label: "form.node", path: ["spec", "nodeName"], type: "node" },
    { label: "form.hostNetwork", path: ["spec", "hostNetwork"], type: "flag" },
    LABELS,
  ],
  Deployment: workload(true),
  StatefulSet: workload(true),
  ReplicaSet: workload(true),
  ReplicationController: workload(true),
  DaemonSet: workload(false),
  Service: [
    NAME,
    {
      label: "form.type",
      path: ["spec", "type"],
      type: "choice",
      choices: ["ClusterIP", "NodePort", "LoadBalancer"],
      usual: "ClusterIP",
    },
    { label: "form.port", path: ["spec", "ports", 0, "port"], type: "port" },
    { label: "form.targetPort", path: ["spec", "ports", 0, "targetPort"], type: "port" },
    { label: "form.nodePort", path: ["spec", "ports", 0, "nodePort"], type: "port" },
    {
      label: "form.traffic",
      path: ["spec", "externalTrafficPolicy"],
      type: "choice",
      choices: ["Cluster", "Local"],
      usual: "Cluster",
    },
    { label: "form.selector", path: ["spec", "selector"], type: "labels" },
  ],
  Ingress: [
    NAME,
    { label: "form.host", path: ["spec", "rules", 0, "host"], type: "text" },
    { label: "form.path", path: ["spec", "rules", 0, "http", "paths", 0, "path"], type: "text" },
    {
      label: "form.service",
      path: ["spec", "rules", 0, "http", "paths", 0, "backend", "service", "name"],
      type: "text",
    },
    {
      label: "form.port",
      path: ["spec", "rules", 0, "http", "paths", 0, "backend", "service", "port", "number"],
      type: "port",
    },
  ],
  NetworkPolicy: [
    NAME,
    { label: "form.policy.for", path: ["spec", "podSelector", "matchLabels"], type: "labels" },
    {
      label: "form.policy.from",
      path: ["spec", "ingress", 0, "from", 0, "podSelector", "matchLabels"],
      type: "labels",
    },
  ],
};

/** What a field holds, as its input shows it. */
export function readField(text: string, { path }: Field): string {
  let at: unknown = parseManifest(text).documents[0]?.value;
  for (const key of path) {
    if (Array.isArray(at) && typeof key === "number") at = at[key];
    else at = isRecord(at) ? at[key] : undefined;
  }
  if (at === undefined || at === null) return "";
  if (isRecord(at))
    return Object.entries(at)
      .map(([key, value]) => `${key}=${String(value)}`)
      .join("\n");
  return typeof at === "string" || typeof at === "number" || typeof at === "boolean" ? String(at) : "";
}

const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const LABEL =
  /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?=([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;
const IMAGE = /^[a-z0-9][a-z0-9._/:@-]*$/i;

/** What is wrong with an input, by the key of its sentence. */
export function wrongField({ type }: Field, input: string): TextKey | undefined {
  const text = input.trim();
  switch (type) {
    case "name":
      return DNS_LABEL.test(text) ? undefined : "form.wrong.name";
    case "image":
      return IMAGE.test(text) ? undefined : "form.wrong.image";
    case "port":
      return text === "" || (/^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65536)
        ? undefined
        : "form.wrong.port";
    case "replicas":
      return /^\d{1,3}$/.test(text) && Number(text) <= 200 ? undefined : "form.wrong.replicas";
    case "labels":
      return linesOf(text).every((line) => LABEL.test(line)) ? undefined : "form.wrong.labels";
    case "text":
    case "node":
    case "choice":
    case "flag":
      return undefined;
  }
}

function linesOf(text: string): readonly string[] {
  return text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** The object's text with another value in one place; comments and all else stay. */
export function writeField(text: string, { path, type }: Field, input: string): string {
  const document = parseDocument(text);
  const value = valueOf(type, input.trim());
  if (value === undefined) document.deleteIn(path);
  else document.setIn(path, document.createNode(value));
  return document.toString({ indentSeq: false, lineWidth: 0 });
}

function valueOf(type: Field["type"], text: string): unknown {
  if (type === "labels") return labelsOf(text);
  if (text === "") return undefined;
  if (type === "port" || type === "replicas") return Number(text);
  if (type === "flag") return text === "true" ? true : undefined;
  return text;
}

export function labelsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    linesOf(text).map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}
