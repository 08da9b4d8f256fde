import { parseQuantity } from "../../formats/quantity.ts";
import type { ApiClient, Container, Pod, ResourceField } from "../api/index.ts";

/** Whose fields are asked for, and what only the node knows of it. */
export interface DownwardContext {
  readonly client: ApiClient;
  readonly pod: Pod;
  readonly podIp: string;
  readonly hostIp: string;
}

/** metadata.labels['x'] and metadata.annotations['x']. */
function subscript(path: string): { map: string; key: string } | undefined {
  const m = /^metadata\.(labels|annotations)\['([^']*)'\]$/.exec(path);
  return m === null ? undefined : { map: m[1] ?? "", key: m[2] ?? "" };
}

/** `key="value"`, a line each, in order. Models: pkg/fieldpath FormatMap. */
function mapText(map: Readonly<Record<string, string>> | undefined): string {
  return Object.keys(map ?? {})
    .toSorted()
    .map((key) => `${key}=${JSON.stringify(map?.[key] ?? "")}`)
    .join("\n");
}

/** Models: kubelet podFieldSelectorRuntimeValue and pkg/fieldpath ExtractFieldPathAsString. */
export function podField(path: string, { pod, podIp, hostIp }: DownwardContext): string | undefined {
  const at = subscript(path);
  if (at !== undefined)
    return (at.map === "labels" ? pod.metadata.labels : pod.metadata.annotations)?.[at.key] ?? "";
  const fields: Readonly<Record<string, string>> = {
    "metadata.name": pod.metadata.name,
    "metadata.namespace": pod.metadata.namespace ?? "",
    "metadata.uid": pod.metadata.uid,
    "metadata.labels": mapText(pod.metadata.labels),
    "metadata.annotations": mapText(pod.metadata.annotations),
    "spec.nodeName": pod.spec.nodeName ?? "",
    "spec.serviceAccountName": pod.spec.serviceAccountName ?? "",
    "status.podIP": podIp,
    "status.podIPs": podIp,
    "status.hostIP": hostIp,
    "status.hostIPs": hostIp,
  };
  return fields[path];
}

/**
 * limits.cpu, requests.memory ... in units of the divisor, rounded up; a limit that is not set is what the node has.
 * Undefined for a resource that no container has. Models: pkg/api/v1/resource ExtractContainerResourceValue.
 */
export function resourceField(
  { containerName, resource, divisor = "1" }: ResourceField,
  own: Container | undefined,
  { client, pod }: DownwardContext,
): string | undefined {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const container = containerName === undefined ? own : all.find(({ name }) => name === containerName);
  const [, which = "", name = ""] =
    /^(limits|requests)\.(cpu|memory|ephemeral-storage)$/.exec(resource) ?? [];
  if (container === undefined || name === "") return undefined;
  const asked = container.resources?.[which === "limits" ? "limits" : "requests"]?.[name];
  const node = client.get("Node", "", pod.spec.nodeName ?? "");
  const text = asked ?? (which === "limits" ? node?.status?.allocatable?.[name] : "0") ?? "0";
  const unit = divisor === "0" ? 1 : (parseQuantity(divisor) ?? 1);
  return String(Math.ceil((parseQuantity(text) ?? 0) / unit - 1e-9));
}
