import * as v from "valibot";
import { err, ok, type Result } from "../base/result.ts";
import { isRecord, type JsonRecord } from "./json.ts";
import { applyKubeadmPatch, type KubeadmEffect, NO_EFFECT } from "./kind-patches.ts";
import { parseManifest } from "./manifest.ts";

export interface PortMapping {
  readonly containerPort: number;
  readonly hostPort: number;
  readonly listenAddress: string;
  readonly protocol: "TCP" | "UDP" | "SCTP";
}

export interface KindNode {
  readonly role: "control-plane" | "worker";
  readonly labels: Readonly<Record<string, string>>;
  readonly extraPortMappings: readonly PortMapping[];
  /** What the node's kubeadmConfigPatches ask for. */
  readonly kubeadm: KubeadmEffect;
}

/** A kind configuration with kind's defaults filled in. */
export interface KindConfig {
  readonly name: string;
  readonly nodes: readonly KindNode[];
  readonly networking: {
    readonly ipFamily: "ipv4";
    readonly podSubnet: string;
    readonly serviceSubnet: string;
    readonly disableDefaultCNI: boolean;
    readonly kubeProxyMode: "iptables" | "nftables" | "ipvs" | "none";
  };
  readonly kubeadm: KubeadmEffect;
}

/** Where the configuration asks for what it may not, and why not. */
export interface KindError {
  readonly path: string;
  readonly line?: number;
  readonly message: string;
}

const portMapping = v.strictObject({
  containerPort: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535)),
  hostPort: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535)), 0),
  listenAddress: v.optional(v.string(), "0.0.0.0"),
  protocol: v.optional(v.picklist(["TCP", "UDP", "SCTP"]), "TCP"),
});

const node = v.strictObject({
  role: v.optional(v.picklist(["control-plane", "worker"]), "control-plane"),
  labels: v.optional(v.record(v.string(), v.string()), {}),
  extraPortMappings: v.optional(v.array(portMapping), []),
  kubeadmConfigPatches: v.optional(v.array(v.string()), []),
});

const cluster = v.strictObject({
  kind: v.literal("Cluster"),
  apiVersion: v.literal("kind.x-k8s.io/v1alpha4"),
  name: v.optional(v.string(), "kind"),
  networking: v.optional(
    v.strictObject({
      ipFamily: v.optional(v.literal("ipv4"), "ipv4"),
      podSubnet: v.optional(v.string(), "10.244.0.0/16"),
      serviceSubnet: v.optional(v.string(), "10.96.0.0/16"),
      disableDefaultCNI: v.optional(v.boolean(), false),
      kubeProxyMode: v.optional(v.picklist(["iptables", "nftables", "ipvs", "none"]), "iptables"),
    }),
    {},
  ),
  nodes: v.optional(v.array(node), [{ role: "control-plane" }]),
  kubeadmConfigPatches: v.optional(v.array(v.string()), []),
});

/** Fields that kind has and this model does without. */
const KNOWN_TO_KIND = new Set(
  (
    "name featureGates runtimeConfig kubeadmConfigPatchesJSON6902 containerdConfigPatches " +
    "containerdConfigPatchesJSON6902 image extraMounts apiServerPort apiServerAddress dnsSearch propagation"
  ).split(" "),
);

const TYPE_OF: Readonly<Record<string, string>> = {
  networking: "Networking",
  nodes: "Node",
  extraPortMappings: "PortMapping",
};

/** Reads a kind configuration; whatever it asks for beyond the model is refused by its path. */
export function parseKindConfig(text: string): Result<KindConfig, KindError> {
  const manifest = parseManifest(text);
  if (manifest.error !== undefined) {
    const { line, kubectl, remedy } = manifest.error;
    return err({ path: "", line, message: `unable to decode config: ${kubectl} (${remedy})` });
  }
  const first = manifest.documents[0];
  if (first === undefined || manifest.documents.length > 1) {
    return err({ path: "", message: "a kind configuration is exactly one document" });
  }
  const read = v.safeParse(cluster, first.value);
  if (!read.success) return err(refusal(read.issues[0], first.value));
  return withPatches(read.output);
}

function refusal(issue: v.InferIssue<typeof cluster>, root: JsonRecord): KindError {
  const path = v.getDotPath(issue) ?? "";
  const keys = path.split(".");
  const key = keys.at(-1) ?? "";
  const readable = path.replace(/\.(\d+)/g, "[$1]");
  if (issue.expected === "never") {
    const message = KNOWN_TO_KIND.has(key)
      ? `${readable} is not modelled here; remove it`
      : `field ${key} not found in type v1alpha4.${typeName(keys)}`;
    return { path: readable, message };
  }
  const got = issue.received === "undefined" ? "is missing" : `is ${issue.received}`;
  if (path === "kind" || path === "apiVersion") {
    const asked = `apiVersion: ${String(root["apiVersion"])}, kind: ${String(root["kind"])}`;
    return { path, message: `unknown ${asked}; expected apiVersion: kind.x-k8s.io/v1alpha4, kind: Cluster` };
  }
  return { path: readable, message: `${readable} ${got}, expected ${issue.expected ?? "something else"}` };
}

function typeName(keys: readonly string[]): string {
  const holder = keys.slice(0, -1).findLast((part) => !/^\d+$/.test(part));
  return holder === undefined ? "Cluster" : (TYPE_OF[holder] ?? holder);
}

function withPatches(read: v.InferOutput<typeof cluster>): Result<KindConfig, KindError> {
  const nodes: KindNode[] = [];
  for (const [i, { kubeadmConfigPatches, ...rest }] of read.nodes.entries()) {
    const kubeadm = patched(kubeadmConfigPatches, `nodes[${i}].kubeadmConfigPatches`);
    if (!kubeadm.ok) return kubeadm;
    nodes.push({ ...rest, kubeadm: kubeadm.value });
  }
  if (!nodes.some((each) => each.role === "control-plane")) {
    return err({ path: "nodes", message: "must have at least one control-plane node" });
  }
  const kubeadm = patched(read.kubeadmConfigPatches, "kubeadmConfigPatches");
  if (!kubeadm.ok) return kubeadm;
  return ok({ name: read.name, nodes, networking: read.networking, kubeadm: kubeadm.value });
}

function patched(patches: readonly string[], path: string): Result<KubeadmEffect, KindError> {
  let effect = NO_EFFECT;
  for (const [i, patch] of patches.entries()) {
    const manifest = parseManifest(patch);
    if (manifest.error !== undefined) return err({ path: `${path}[${i}]`, message: manifest.error.kubectl });
    for (const { value } of manifest.documents) {
      const next = applyKubeadmPatch(effect, value);
      if (!next.ok)
        return err({
          path: `${path}[${i}].${next.error}`,
          message: `${path}[${i}]: ${next.error} is not modelled here; remove it`,
        });
      effect = next.value;
    }
  }
  return ok(effect);
}

/** Whether a tree looks like a kind configuration: what a page that is given a file asks. */
export function isKindConfig(value: unknown): boolean {
  return isRecord(value) && value["kind"] === "Cluster";
}
