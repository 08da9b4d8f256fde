import * as v from "valibot";
import { err, ok, type Result } from "../../../base/result.ts";
import { type AnyObject, type ApiError, type ApiStore, type Verb, type WatchEvent } from "../../api/index.ts";
import type { ObjectMeta } from "../../api/types.ts";
import { CALICO_SPECS, type CalicoKind, type SpecOf } from "./kinds.ts";

export const CALICO_GROUP = "crd.projectcalico.org";
export const CALICO_API_VERSION = `${CALICO_GROUP}/v1`;

/** An object of one of Calico's kinds. */
export interface CalicoObject<K extends CalicoKind> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: SpecOf<K>;
}

export interface CalicoDraft<K extends CalicoKind> {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: SpecOf<K>;
}

/** The same descriptions, so typed that a kind's name says what reading one gives. */
const SCHEMAS: { readonly [K in CalicoKind]: v.BaseSchema<unknown, SpecOf<K>, v.BaseIssue<unknown>> } =
  CALICO_SPECS;

/** The store's name of a kind. */
export const resourceId = (kind: CalicoKind): string => `${kind}.${CALICO_GROUP}`;

function specIn(object: AnyObject): unknown {
  return "spec" in object ? object.spec : {};
}

/** Reads a stored object; the words of the first thing that is not as the kind's CRD says. */
export function readObject<K extends CalicoKind>(
  kind: K,
  object: AnyObject,
): Result<CalicoObject<K>, string> {
  const read = v.safeParse(SCHEMAS[kind], specIn(object) ?? {});
  if (!read.success) {
    const [issue] = read.issues;
    return err(`spec.${v.getDotPath(issue) ?? ""}: ${issue.message}`);
  }
  const { apiVersion, metadata } = object;
  return ok({ apiVersion, kind, metadata, spec: read.output });
}

/**
 * One Calico component's view of the API server: kinds of crd.projectcalico.org, every write signed with the
 * component's name. A kind whose CRD nobody applied has no objects. An object that its description does not fit is
 * passed over, as the original's decoder logs it and goes on.
 */
export class CalicoClient {
  readonly store: ApiStore;
  readonly actor: string;

  constructor(store: ApiStore, actor: string) {
    this.store = store;
    this.actor = actor;
  }

  /** Whether the CRD of `kind` is there. */
  served(kind: CalicoKind): boolean {
    const id = resourceId(kind);
    return this.store.resources().some((resource) => resource.id === id);
  }

  get<K extends CalicoKind>(kind: K, name: string, namespace = ""): CalicoObject<K> | undefined {
    if (!this.served(kind)) return undefined;
    const object = this.store.get(resourceId(kind), namespace, name);
    const read = object === undefined ? undefined : readObject(kind, object);
    return read?.ok === true ? read.value : undefined;
  }

  list<K extends CalicoKind>(kind: K): readonly CalicoObject<K>[] {
    if (!this.served(kind)) return [];
    return this.store.list(resourceId(kind)).flatMap((object) => {
      const read = readObject(kind, object);
      return read.ok ? [read.value] : [];
    });
  }

  /** First what is there as ADDED, then every change in order. The CRD must be there. The result stops it. */
  watch<K extends CalicoKind>(kind: K, handler: (event: WatchEvent<CalicoObject<K>>) => void): () => void {
    return this.store.watch(resourceId(kind), {}, ({ type, object, before }) => {
      const now = readObject(kind, object);
      if (!now.ok) return;
      const was = before === undefined ? undefined : readObject(kind, before);
      handler({ type, object: now.value, ...(was?.ok === true && { before: was.value }) });
    });
  }

  create<K extends CalicoKind>(kind: K, draft: CalicoDraft<K>): Result<CalicoObject<K>, ApiError> {
    const made = this.store.create(this.actor, resourceId(kind), {
      apiVersion: CALICO_API_VERSION,
      kind,
      ...draft,
    });
    return made.ok ? this.known(kind, made.value) : made;
  }

  /** Replaces the spec (and labels or annotations); a resourceVersion that is no longer the stored one is a conflict. */
  update<K extends CalicoKind>(
    kind: K,
    next: CalicoObject<K>,
    verb: Verb = "update",
  ): Result<CalicoObject<K>, ApiError> {
    const made = this.store.update(this.actor, resourceId(kind), next, verb);
    return made.ok ? this.known(kind, made.value) : made;
  }

  delete(kind: CalicoKind, name: string, namespace = ""): Result<AnyObject, ApiError> {
    return this.store.delete(this.actor, resourceId(kind), namespace, name);
  }

  private known<K extends CalicoKind>(kind: K, object: AnyObject): Result<CalicoObject<K>, never> {
    const read = readObject(kind, object);
    if (!read.ok) throw new Error(`bug: ${this.actor} wrote a ${kind} that it cannot read: ${read.error}`);
    return ok(read.value);
  }
}
