import { canonicalQuantity } from "../../../formats/quantity.ts";
import type { Container, PodSpec, PodTemplate, Probe, Volume } from "../types.ts";

/** Models: pkg/apis/core/v1/defaults.go and zz_generated.defaults.go. */
export function defaultPodSpec(spec: PodSpec): PodSpec {
  const hostNetwork = spec.hostNetwork === true;
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  return {
    ...spec,
    ...(account === undefined ? {} : { serviceAccount: account, serviceAccountName: account }),
    containers: spec.containers.map((container) => defaultContainer(container, hostNetwork)),
    ...(spec.initContainers === undefined
      ? {}
      : { initContainers: spec.initContainers.map((container) => defaultContainer(container, hostNetwork)) }),
    ...(spec.volumes === undefined ? {} : { volumes: spec.volumes.map(defaultVolume) }),
    dnsPolicy: spec.dnsPolicy ?? "ClusterFirst",
    restartPolicy: spec.restartPolicy ?? "Always",
    schedulerName: spec.schedulerName ?? "default-scheduler",
    securityContext: spec.securityContext ?? {},
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? 30,
  };
}

export function defaultTemplate(template: PodTemplate): PodTemplate {
  return { ...template, spec: defaultPodSpec(template.spec) };
}

function defaultContainer(container: Container, hostNetwork: boolean): Container {
  const ports = container.ports?.map((port) => ({
    ...port,
    protocol: port.protocol ?? "TCP",
    ...(hostNetwork ? { hostPort: port.hostPort ?? port.containerPort } : {}),
  }));
  return {
    ...container,
    ...(ports === undefined ? {} : { ports }),
    imagePullPolicy: container.imagePullPolicy ?? pullPolicy(container.image ?? ""),
    resources: defaultResources(container.resources),
    terminationMessagePath: container.terminationMessagePath ?? "/dev/termination-log",
    terminationMessagePolicy: container.terminationMessagePolicy ?? "File",
    ...(container.env === undefined ? {} : { env: container.env.map(defaultEnv) }),
    ...(container.livenessProbe === undefined
      ? {}
      : { livenessProbe: defaultProbe(container.livenessProbe) }),
    ...(container.readinessProbe === undefined
      ? {}
      : { readinessProbe: defaultProbe(container.readinessProbe) }),
    ...(container.startupProbe === undefined ? {} : { startupProbe: defaultProbe(container.startupProbe) }),
  };
}

type Env = NonNullable<Container["env"]>[number];

function defaultEnv(env: Env): Env {
  const from = env.valueFrom;
  if (from?.fieldRef === undefined) return env;
  return { ...env, valueFrom: { ...from, fieldRef: { apiVersion: "v1", ...from.fieldRef } } };
}

/** An image without a tag means :latest, which is pulled every time. */
function pullPolicy(image: string): string {
  if (image.includes("@")) return "IfNotPresent";
  const tag = /:([^/:]+)$/.exec(image)?.[1] ?? "latest";
  return tag === "latest" ? "Always" : "IfNotPresent";
}

type Resources = NonNullable<Container["resources"]>;
type Quantities = NonNullable<Resources["requests"]>;

function canonical(quantities: Quantities): Quantities {
  return Object.fromEntries(
    Object.entries(quantities).map(([name, text]) => [name, canonicalQuantity(text)]),
  );
}

/** A limit without a request is also the request. */
function defaultResources(resources: Resources | undefined): Resources {
  const { requests, limits, ...rest } = resources ?? {};
  const all = limits === undefined && requests === undefined ? undefined : { ...limits, ...requests };
  return {
    ...rest,
    ...(limits === undefined ? {} : { limits: canonical(limits) }),
    ...(all === undefined ? {} : { requests: canonical(all) }),
  };
}

function defaultProbe(probe: Probe): Probe {
  return {
    ...probe,
    ...(probe.httpGet === undefined
      ? {}
      : {
          httpGet: {
            ...probe.httpGet,
            path: probe.httpGet.path ?? "/",
            scheme: probe.httpGet.scheme ?? "HTTP",
          },
        }),
    failureThreshold: probe.failureThreshold ?? 3,
    periodSeconds: probe.periodSeconds ?? 10,
    successThreshold: probe.successThreshold ?? 1,
    timeoutSeconds: probe.timeoutSeconds ?? 1,
  };
}

function defaultVolume(volume: Volume): Volume {
  if (volume.configMap !== undefined) {
    return { ...volume, configMap: { defaultMode: 420, ...volume.configMap } };
  }
  if (volume.secret !== undefined) return { ...volume, secret: { defaultMode: 420, ...volume.secret } };
  if (volume.hostPath !== undefined) return { ...volume, hostPath: { type: "", ...volume.hostPath } };
  const { name, ...source } = volume;
  return Object.keys(source).length === 0 ? { name, emptyDir: {} } : volume;
}
