import { ok } from "../../../base/result.ts";
import { sameJson } from "../../../formats/json.ts";
import { forbidden, type FieldError, forbiddenField } from "../errors.ts";
import {
  type AnyObject,
  type Container,
  type Draft,
  isA,
  type Pod,
  type PodSpec,
  type Toleration,
} from "../types.ts";
import { NAME_ALPHABET } from "../names.ts";
import { defaultPodSpec } from "./pod-defaults.ts";
import { podSpecProblems } from "./pod-validate.ts";
import type { Registry, Strategy } from "./strategy.ts";

const DEFAULT_GRACE_SECONDS = 30;

/**
 * How long the deletion of an object waits for it to end by itself: only a pod that is bound and not yet ended has
 * anything to wait for. Models: pkg/registry/core/pod podStrategy.CheckGracefulDelete.
 */
export function gracePeriodOf(object: AnyObject): number {
  if (!isA("Pod", object)) return 0;
  const { nodeName = "", terminationGracePeriodSeconds = DEFAULT_GRACE_SECONDS } = object.spec;
  const ended = object.status?.phase === "Succeeded" || object.status?.phase === "Failed";
  return nodeName === "" || ended ? 0 : terminationGracePeriodSeconds;
}

/** Models: plugin/pkg/admission/defaulttolerationseconds. */
function withDefaultTolerations(tolerations: readonly Toleration[]): readonly Toleration[] {
  const added = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]
    .filter((key) => !tolerations.some((t) => tolerates(t, key)))
    .map((key): Toleration => ({ effect: "NoExecute", key, operator: "Exists", tolerationSeconds: 300 }));
  return [...tolerations, ...added];
}

function tolerates(toleration: Toleration, key: string): boolean {
  const { effect = "" } = toleration;
  return (
    (toleration.key === undefined || toleration.key === key) && (effect === "" || effect === "NoExecute")
  );
}

/** Models: plugin/pkg/admission/serviceaccount: the token that every pod finds in /var/run/secrets. */
function withToken(spec: PodSpec, registry: Registry): PodSpec {
  const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
  if (spec.automountServiceAccountToken === false) return spec;
  const name = `kube-api-access-${registry.random.text(5, NAME_ALPHABET)}`;
  const mounted = (container: Container): Container =>
    container.volumeMounts?.some((mount) => mount.mountPath === mountPath) === true
      ? container
      : {
          ...container,
          volumeMounts: [...(container.volumeMounts ?? []), { mountPath, name, readOnly: true }],
        };
  return {
    ...spec,
    containers: spec.containers.map(mounted),
    ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(mounted) }),
    volumes: [...(spec.volumes ?? []), { name, projected: TOKEN_SOURCES }],
  };
}

const TOKEN_SOURCES = {
  defaultMode: 420,
  sources: [
    { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
    { configMap: { items: [{ key: "ca.crt", path: "ca.crt" }], name: "kube-root-ca.crt" } },
    {
      downwardAPI: {
        items: [{ fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" }, path: "namespace" }],
      },
    },
  ],
};

/** Whether the kubelet made it from a file: such a pod needs no account and no token. */
function isMirror(draft: Draft<"Pod">): boolean {
  return draft.metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined;
}

function create(draft: Draft<"Pod">, registry: Registry): ReturnType<NonNullable<Strategy<"Pod">["create"]>> {
  const { namespace = "default", name = "" } = draft.metadata;
  const spec = defaultPodSpec(draft.spec);
  const account = spec.serviceAccountName ?? "default";
  const mirror = isMirror(draft);
  if (!mirror && registry.get("ServiceAccount", namespace, account) === undefined) {
    const why = `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`;
    return forbidden(registry.resource("Pod"), name, why);
  }
  const className = spec.priorityClassName ?? "";
  const priority = className === "" ? 0 : priorityOf(className, registry);
  if (priority === undefined) {
    return forbidden(registry.resource("Pod"), name, `no PriorityClass with name ${className} was found`);
  }
  const withAccount = mirror
    ? spec
    : withToken({ ...spec, serviceAccount: account, serviceAccountName: account }, registry);
  return ok({
    ...draft,
    spec: {
      ...withAccount,
      enableServiceLinks: spec.enableServiceLinks ?? true,
      preemptionPolicy: "PreemptLowerPriority",
      priority,
      tolerations: mirror ? (spec.tolerations ?? []) : withDefaultTolerations(spec.tolerations ?? []),
    },
    status: {
      ...(mirror ? draft.status : {}),
      phase: draft.status?.phase ?? "Pending",
      qosClass: qosClass(spec),
    },
  });
}

const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  "system-node-critical": 2_000_001_000,
  "system-cluster-critical": 2_000_000_000,
};

function priorityOf(className: string, registry: Registry): number | undefined {
  const object = registry.get("PriorityClass", "", className);
  if (object !== undefined && isA("PriorityClass", object)) return object.value;
  return SYSTEM_PRIORITIES[className];
}

/** Models: pkg/apis/core/helper/qos GetPodQOS. */
export function qosClass(spec: PodSpec): string {
  const all = [...spec.containers, ...(spec.initContainers ?? [])];
  const measured = all.flatMap(({ resources }) =>
    ["cpu", "memory"].map((name) => [resources?.requests?.[name], resources?.limits?.[name]] as const),
  );
  if (measured.every(([request, limit]) => request === undefined && limit === undefined)) return "BestEffort";
  return measured.every(([request, limit]) => limit !== undefined && request === limit)
    ? "Guaranteed"
    : "Burstable";
}

const UNCHANGEABLE =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

function frozen(spec: PodSpec): unknown {
  const imageless = ({ image: _, ...rest }: Container): unknown => rest;
  const { containers, initContainers, tolerations: _, activeDeadlineSeconds: __, ...rest } = spec;
  return { ...rest, containers: containers.map(imageless), initContainers: initContainers?.map(imageless) };
}

function validate(draft: Draft<"Pod">, current: Pod | undefined): readonly FieldError[] {
  if (current === undefined) return podSpecProblems(draft.spec, "spec");
  return sameJson(frozen(draft.spec), frozen(current.spec)) ? [] : [forbiddenField("spec", UNCHANGEABLE)];
}

export const podStrategy: Strategy<"Pod"> = { create, validate };
