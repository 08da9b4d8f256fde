import { decodeBase64 } from "../../base/base64.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { utf8Decode } from "../../base/utf8.ts";
import type { Container, EnvVar } from "../api/index.ts";
import { type DownwardContext, podField, resourceField } from "./downward.ts";
import { serviceVariables } from "./service-variables.ts";

/** data of a Secret, or binaryData of a ConfigMap, as its readers get it. */
export function decodedTexts(
  data: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([key, text]) => {
      const bytes = decodeBase64(text.replace(/\s+/g, ""));
      return [key, bytes.ok ? utf8Decode(bytes.value) : text];
    }),
  );
}

type Source = NonNullable<EnvVar["valueFrom"]>;

function fromConfigMap(
  { name = "", key, optional = false }: NonNullable<Source["configMapKeyRef"]>,
  { client, pod }: DownwardContext,
): Result<string | undefined, string> {
  const namespace = pod.metadata.namespace ?? "default";
  const map = client.get("ConfigMap", namespace, name);
  const value = map?.data?.[key];
  if (value !== undefined || optional) return ok(value);
  return err(
    map === undefined
      ? `configmap "${name}" not found`
      : `couldn't find key ${key} in ConfigMap ${namespace}/${name}`,
  );
}

function fromSecret(
  { name = "", key, optional = false }: NonNullable<Source["secretKeyRef"]>,
  { client, pod }: DownwardContext,
): Result<string | undefined, string> {
  const namespace = pod.metadata.namespace ?? "default";
  const secret = client.get("Secret", namespace, name);
  const value = decodedTexts(secret?.data)[key];
  if (value !== undefined || optional) return ok(value);
  return err(
    secret === undefined
      ? `secret "${name}" not found`
      : `couldn't find key ${key} in Secret ${namespace}/${name}`,
  );
}

function fromSource(
  source: Source,
  container: Container,
  context: DownwardContext,
): Result<string | undefined, string> {
  const { fieldRef, configMapKeyRef, secretKeyRef, resourceFieldRef } = source;
  if (fieldRef !== undefined) {
    const field = podField(fieldRef.fieldPath, context);
    return field === undefined ? err(`unsupported fieldPath: ${fieldRef.fieldPath}`) : ok(field);
  }
  if (configMapKeyRef !== undefined) return fromConfigMap(configMapKeyRef, context);
  if (secretKeyRef !== undefined) return fromSecret(secretKeyRef, context);
  if (resourceFieldRef === undefined) return ok("");
  const value = resourceField(resourceFieldRef, container, context);
  return value === undefined
    ? err(`unsupported container resource : ${resourceFieldRef.resource}`)
    : ok(value);
}

/** $(NAME) of what was defined before; $$ is a dollar. Models: k8s.io/kubernetes/third_party/forked/golang/expansion. */
export function expand(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (whole, what: string, name: string | undefined) =>
    what === "$" ? "$" : (values.get(name ?? "") ?? whole),
  );
}

/** envFrom: every key of a ConfigMap or Secret, in order. */
function fromWhole(
  container: Container,
  { client, pod }: DownwardContext,
  values: Map<string, string>,
): Result<void, string> {
  const namespace = pod.metadata.namespace ?? "default";
  for (const { prefix = "", configMapRef, secretRef } of container.envFrom ?? []) {
    const { name = "", optional = false } = configMapRef ?? secretRef ?? {};
    const map = configMapRef === undefined ? undefined : client.get("ConfigMap", namespace, name);
    const secret = secretRef === undefined ? undefined : client.get("Secret", namespace, name);
    if (map === undefined && secret === undefined && !optional)
      return err(`${configMapRef === undefined ? "secret" : "configmap"} "${name}" not found`);
    const data = map === undefined ? decodedTexts(secret?.data) : (map.data ?? {});
    for (const key of Object.keys(data).toSorted()) values.set(prefix + key, data[key] ?? "");
  }
  return ok();
}

/**
 * The variables of a container: its own, then those of Services that it does not set itself. An error becomes
 * CreateContainerConfigError. Models: kubelet makeEnvironmentVariables.
 */
export function containerEnvironment(
  container: Container,
  context: DownwardContext,
): Result<readonly (readonly [string, string])[], string> {
  const services = serviceVariables(context);
  const values = new Map<string, string>();
  const whole = fromWhole(container, context, values);
  if (!whole.ok) return whole;
  // A Service's variable may be referred to, but comes after those of the container.
  const known = (): ReadonlyMap<string, string> => new Map([...services, ...values]);
  for (const { name, value, valueFrom } of container.env ?? []) {
    const found =
      valueFrom === undefined ? ok(expand(value ?? "", known())) : fromSource(valueFrom, container, context);
    if (!found.ok) return found;
    if (found.value !== undefined) values.set(name, found.value);
  }
  for (const [name, value] of services) if (!values.has(name)) values.set(name, value);
  return ok([...values]);
}
