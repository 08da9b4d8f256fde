import type { ResourceInfo } from "./resources.ts";
import { type AnyObject, type CustomResourceDefinition, isA } from "./types.ts";

/** The resource that a CustomResourceDefinition brings to life: its storage version. */
export function customResource(object: AnyObject): ResourceInfo | undefined {
  if (!isA("CustomResourceDefinition", object)) return undefined;
  const { spec }: CustomResourceDefinition = object;
  const version = spec.versions.find((candidate) => candidate.storage) ?? spec.versions[0];
  if (version === undefined) return undefined;
  return {
    id: `${spec.names.kind}.${spec.group}`,
    kind: spec.names.kind,
    group: spec.group,
    version: version.name,
    plural: spec.names.plural,
    singular: spec.names.singular ?? spec.names.kind.toLowerCase(),
    shortNames: spec.names.shortNames ?? [],
    namespaced: spec.scope === "Namespaced",
    inAll: spec.names.categories?.includes("all") ?? false,
    counted: true,
    inert: false,
  };
}
