import { err, ok, type Result } from "../../base/result.ts";
import type { ApiClient, Container, EnvVar, Pod } from "../api/index.ts";

export interface EnvContext {
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

/** The downward API. Models: kubelet podFieldSelectorRuntimeValue. */
function podField(path: string, { pod, podIp, hostIp }: EnvContext): string | undefined {
  const at = subscript(path);
  if (at !== undefined)
    return (at.map === "labels" ? pod.metadata.labels : pod.metadata.annotations)?.[at.key] ?? "";
  const fields: Readonly<Record<string, string>> = {
    "metadata.name": pod.metadata.name,
    "metadata.namespace": pod.metadata.namespace ?? "",
    "metadata.uid": pod.metadata.uid,
    "spec.nodeName": pod.spec.nodeName ?? "",
    "spec.serviceAccountName": pod.spec.serviceAccountName ?? "",
    "status.podIP": podIp,
    "status.podIPs": podIp,
    "status.hostIP": hostIp,
    "status.hostIPs": hostIp,
  };
  return fields[path];
}

function fromConfigMap(
  source: NonNullable<EnvVar["valueFrom"]>["configMapKeyRef"],
  context: EnvContext,
): Result<string | undefined, string> {
  const { name = "", key = "", optional = false } = source ?? {};
  const namespace = context.pod.metadata.namespace ?? "default";
  const map = context.client.get("ConfigMap", namespace, name);
  const value = map?.data?.[key];
  if (value !== undefined || optional) return ok(value);
  return err(
    map === undefined
      ? `configmap "${name}" not found`
      : `couldn't find key ${key} in ConfigMap ${namespace}/${name}`,
  );
}

function fromSecret(
  source: NonNullable<EnvVar["valueFrom"]>["secretKeyRef"],
  context: EnvContext,
): Result<string | undefined, string> {
  const { name = "", key = "", optional = false } = source ?? {};
  const namespace = context.pod.metadata.namespace ?? "default";
  const secret = context.client.get("Secret", namespace, name);
  const value = secret?.stringData?.[key] ?? secret?.data?.[key];
  if (value !== undefined || optional) return ok(value);
  return err(
    secret === undefined
      ? `secret "${name}" not found`
      : `couldn't find key ${key} in Secret ${namespace}/${name}`,
  );
}

/** $(NAME) of what was defined before; $$ is a dollar. Models: k8s.io/kubernetes/third_party/forked/golang/expansion. */
export function expand(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (whole, what: string, name: string | undefined) =>
    what === "$" ? "$" : (values.get(name ?? "") ?? whole),
  );
}

/** The variables of a container, in order. An error becomes CreateContainerConfigError. */
export function containerEnvironment(
  container: Container,
  context: EnvContext,
): Result<readonly (readonly [string, string])[], string> {
  const values = new Map<string, string>();
  for (const { name, value, valueFrom } of container.env ?? []) {
    let found: Result<string | undefined, string> = ok(expand(value ?? "", values));
    if (valueFrom?.fieldRef !== undefined) {
      const field = podField(valueFrom.fieldRef.fieldPath, context);
      found = field === undefined ? err(`unsupported fieldPath: ${valueFrom.fieldRef.fieldPath}`) : ok(field);
    } else if (valueFrom?.configMapKeyRef !== undefined)
      found = fromConfigMap(valueFrom.configMapKeyRef, context);
    else if (valueFrom?.secretKeyRef !== undefined) found = fromSecret(valueFrom.secretKeyRef, context);
    if (!found.ok) return found;
    if (found.value !== undefined) values.set(name, found.value);
  }
  return ok([...values]);
}
