import { ok } from "../../base/result.ts";
import { type ApiError, type ApiResult, notFound } from "./errors.ts";
import type { ApiStore, DeleteOptions, ListScope, Verb } from "./store.ts";
import { type AnyObject, type Draft, isA, type Kind, type ObjectOf } from "./types.ts";
import type { WatchEvent, WatchScope } from "./watch.ts";

function known<K extends Kind>(kind: K, object: AnyObject): ObjectOf<K> {
  if (!isA(kind, object)) throw new Error(`bug: ${object.kind} stored as ${kind}`);
  return object;
}

function typed<K extends Kind>(kind: K, result: ApiResult<AnyObject>): ApiResult<ObjectOf<K>> {
  return result.ok ? ok(known(kind, result.value)) : result;
}

/** One component's view of the API server: typed by kind, every write signed with the component's name. */
export class ApiClient {
  readonly store: ApiStore;
  /** "kubectl", "kubelet kind-worker", "deployment-controller": what the trace shows as the writer. */
  readonly actor: string;

  constructor(store: ApiStore, actor: string) {
    this.store = store;
    this.actor = actor;
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): ObjectOf<K> | undefined {
    const object = this.store.get(kind, namespace, name);
    return object === undefined ? undefined : known(kind, object);
  }

  /** In the order of namespace and name. */
  list<K extends Kind>(kind: K, scope: ListScope = {}): readonly ObjectOf<K>[] {
    return this.store.list(kind, scope).map((object) => known(kind, object));
  }

  /** The objects of `kind` that `owner` controls. */
  owned<K extends Kind>(kind: K, owner: AnyObject): readonly ObjectOf<K>[] {
    return this.store
      .dependents(owner.metadata.uid)
      .filter((object) => object.kind === kind)
      .map((object) => known(kind, object));
  }

  /** First what is there as ADDED, then every change in order. The result stops it. */
  watch<K extends Kind>(
    kind: K,
    handler: (event: WatchEvent<ObjectOf<K>>) => void,
    scope: WatchScope = {},
  ): () => void {
    return this.store.watch(kind, scope, ({ type, object, before }) => {
      const known_ = known(kind, object);
      handler(
        before === undefined
          ? { type, object: known_ }
          : { type, object: known_, before: known(kind, before) },
      );
    });
  }

  create<K extends Kind>(kind: K, draft: Draft<K>): ApiResult<ObjectOf<K>> {
    return typed(kind, this.store.create(this.actor, kind, draft));
  }

  /** For what must succeed: a refusal is a bug of the caller. */
  mustCreate<K extends Kind>(kind: K, draft: Draft<K>): ObjectOf<K> {
    const result = this.create(kind, draft);
    if (!result.ok) throw new Error(`bug: ${this.actor} creates ${kind}: ${result.error.message}`);
    return result.value;
  }

  /** Replaces the object; a resourceVersion that is no longer the stored one is a conflict. */
  update<K extends Kind>(kind: K, next: ObjectOf<K>): ApiResult<ObjectOf<K>> {
    return typed(kind, this.store.update(this.actor, kind, next));
  }

  /** Reads, changes and writes in one go, so it cannot conflict. */
  modify<K extends Kind>(
    kind: K,
    namespace: string,
    name: string,
    change: (current: ObjectOf<K>) => ObjectOf<K>,
    verb: Verb = "update",
  ): ApiResult<ObjectOf<K>> {
    const current = this.get(kind, namespace, name);
    if (current === undefined) return notFound(this.store.resource(kind), name);
    return typed(kind, this.store.update(this.actor, kind, change(current), verb));
  }

  /** The status subresource: what `change` returns as status, labels and annotations is written, nothing else. */
  updateStatus<K extends Kind>(
    kind: K,
    namespace: string,
    name: string,
    change: (current: ObjectOf<K>) => ObjectOf<K>,
  ): ApiResult<ObjectOf<K>> {
    return this.modify(kind, namespace, name, change, "update-status");
  }

  delete(kind: Kind, namespace: string, name: string, options: DeleteOptions = {}): ApiResult<AnyObject> {
    return this.store.delete(this.actor, kind, namespace, name, options);
  }
}

export type { ApiError, ApiResult };
