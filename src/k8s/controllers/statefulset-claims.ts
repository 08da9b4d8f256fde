import type { ClaimTemplate, Draft, PodSpec, StatefulSet } from "../api/index.ts";

/** `data-postgres-0`: the template's name, the set's, the ordinal. */
function claimName(set: StatefulSet, template: ClaimTemplate, ordinal: number): string {
  return `${template.metadata?.name ?? ""}-${set.metadata.name}-${ordinal}`;
}

/** Models: statefulset getPersistentVolumeClaims. */
export function claimDraft(
  set: StatefulSet,
  template: ClaimTemplate,
  ordinal: number,
): Draft<"PersistentVolumeClaim"> {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      ...template.metadata,
      name: claimName(set, template, ordinal),
      namespace: set.metadata.namespace ?? "default",
      labels: { ...template.metadata?.labels, ...set.spec.selector.matchLabels },
    },
    spec: template.spec,
  };
}

/** The pod's volumes by those names are its claims. Models: updateStorage. */
export function withClaims(set: StatefulSet, spec: PodSpec, ordinal: number): PodSpec {
  const templates = set.spec.volumeClaimTemplates ?? [];
  if (templates.length === 0) return spec;
  const claims = templates.map((template) => ({
    name: template.metadata?.name ?? "",
    persistentVolumeClaim: { claimName: claimName(set, template, ordinal) },
  }));
  const names = new Set(claims.map(({ name }) => name));
  return { ...spec, volumes: [...claims, ...(spec.volumes ?? []).filter(({ name }) => !names.has(name))] };
}
