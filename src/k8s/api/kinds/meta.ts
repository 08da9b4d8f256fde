import { type Described, flag, int, list, may, struct, text, texts, unread } from "../schema.ts";

export const ownerReference = struct("OwnerReference", {
  apiVersion: text,
  kind: text,
  name: text,
  uid: text,
  controller: may(flag),
  blockOwnerDeletion: may(flag),
});

/** metadata as a manifest may give it. */
export const draftMeta = struct("ObjectMeta", {
  name: may(text),
  generateName: may(text),
  namespace: may(text),
  labels: may(texts),
  annotations: may(texts),
  uid: may(text),
  resourceVersion: may(text),
  generation: may(int),
  creationTimestamp: may(text),
  deletionTimestamp: may(text),
  deletionGracePeriodSeconds: may(int),
  finalizers: may(list(text)),
  ownerReferences: may(list(ownerReference)),
  ...unread(["managedFields", "selfLink"]),
});

export const labelSelector = struct("LabelSelector", {
  matchLabels: may(texts),
  matchExpressions: may(
    list(struct("LabelSelectorRequirement", { key: text, operator: text, values: may(list(text)) })),
  ),
});

export const condition = struct("Condition", {
  type: text,
  status: text,
  reason: may(text),
  message: may(text),
  observedGeneration: may(int),
  lastTransitionTime: may(text),
  lastUpdateTime: may(text),
  lastHeartbeatTime: may(text),
  lastProbeTime: may(text),
});

/** What every manifest begins with. */
export const typeMeta = { apiVersion: text, kind: text, metadata: draftMeta };

export type OwnerReference = Described<typeof ownerReference>;
export type DraftMeta = Described<typeof draftMeta>;
export type LabelSelector = Described<typeof labelSelector>;
export type Condition = Described<typeof condition>;

/** metadata of an object in the store: the server has filled in what it owns. */
export type ObjectMeta = Omit<DraftMeta, "name" | "uid" | "resourceVersion" | "creationTimestamp"> & {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
};
