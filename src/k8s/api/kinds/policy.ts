import { flag, int, list, may, opaque, struct, text, unread } from "../schema.ts";
import { typeMeta } from "./meta.ts";

/** Access control: kept, and consulted by nobody here (everyone is allowed). */
const rule = struct("PolicyRule", {
  apiGroups: may(list(text)),
  resources: may(list(text)),
  resourceNames: may(list(text)),
  nonResourceURLs: may(list(text)),
  verbs: list(text),
});
const subject = struct("Subject", { apiGroup: may(text), kind: text, name: text, namespace: may(text) });
const roleRef = struct("RoleRef", { apiGroup: may(text), kind: text, name: text });

export const role = struct("Role", { ...typeMeta, rules: may(list(rule)) });
export const clusterRole = struct("ClusterRole", {
  ...typeMeta,
  rules: may(list(rule)),
  ...unread(["aggregationRule"]),
});
export const roleBinding = struct("RoleBinding", { ...typeMeta, roleRef, subjects: may(list(subject)) });
export const clusterRoleBinding = struct("ClusterRoleBinding", {
  ...typeMeta,
  roleRef,
  subjects: may(list(subject)),
});

export const priorityClass = struct("PriorityClass", {
  ...typeMeta,
  value: int,
  globalDefault: may(flag),
  description: may(text),
  preemptionPolicy: may(text),
});

export const lease = struct("Lease", {
  ...typeMeta,
  spec: may(
    struct("LeaseSpec", {
      holderIdentity: may(text),
      leaseDurationSeconds: may(int),
      acquireTime: may(text),
      renewTime: may(text),
      leaseTransitions: may(int),
      ...unread(["preferredHolder", "strategy"]),
    }),
  ),
});

/** apiextensions.k8s.io: the names are read, the schema is not enforced. */
export const customResourceDefinition = struct("CustomResourceDefinition", {
  ...typeMeta,
  spec: struct("CustomResourceDefinitionSpec", {
    group: text,
    scope: text,
    names: struct("CustomResourceDefinitionNames", {
      plural: text,
      singular: may(text),
      kind: text,
      listKind: may(text),
      shortNames: may(list(text)),
      categories: may(list(text)),
    }),
    versions: list(
      struct("CustomResourceDefinitionVersion", {
        name: text,
        served: flag,
        storage: flag,
        ...unread([
          "schema", "subresources", "additionalPrinterColumns", "deprecated", "deprecationWarning", "selectableFields",
        ]), // prettier-ignore
      }),
    ),
    preserveUnknownFields: may(flag),
    ...unread(["conversion"]),
  }),
  status: may(opaque),
});

export const webhookConfiguration = (goName: string) =>
  struct(goName, { ...typeMeta, ...unread(["webhooks"]) });
