import { ApiClient, type ApiStore } from "../api/index.ts";
import type { AnyObject } from "../api/types.ts";
import type { Controller } from "./context.ts";

const FOREGROUND = "foregroundDeletion";
const ORPHAN = "orphan";

/** Deletes what has lost its owners. Models: pkg/controller/garbagecollector. */
class GarbageCollector {
  private readonly store: ApiStore;
  private readonly actor = "generic-garbage-collector";
  private readonly watched = new Set<string>();

  constructor(store: ApiStore) {
    this.store = store;
    const client = new ApiClient(store, this.actor);
    this.watchAll();
    client.watch("CustomResourceDefinition", () => this.watchAll());
  }

  private watchAll(): void {
    for (const { id } of this.store.resources()) {
      if (this.watched.has(id)) continue;
      this.watched.add(id);
      this.store.watch(id, {}, ({ type, object }) => {
        if (type === "DELETED") this.ownerGone(object);
        else if (object.metadata.deletionTimestamp !== undefined) this.finalize(id, object);
      });
    }
  }

  private ownerGone(owner: AnyObject): void {
    for (const object of this.store.dependents(owner.metadata.uid)) {
      const others = (object.metadata.ownerReferences ?? []).filter(
        (reference) => reference.uid !== owner.metadata.uid,
      );
      if (others.some((reference) => this.lives(reference, object))) this.withoutOwner(object, owner);
      else this.remove(object);
    }
    // A dependent that went may have been the last that its foreground-deleted owner waited for.
    for (const reference of owner.metadata.ownerReferences ?? []) {
      const id = this.idOf(reference.apiVersion, reference.kind);
      const above = id === undefined ? undefined : this.find(id, owner.metadata.namespace, reference.name);
      if (id !== undefined && above?.metadata.deletionTimestamp !== undefined) this.finalize(id, above);
    }
  }

  private finalize(id: string, object: AnyObject): void {
    const finalizers = object.metadata.finalizers ?? [];
    const current = this.store.get(id, object.metadata.namespace ?? "", object.metadata.name);
    if (current === undefined) return;
    if (finalizers.includes(ORPHAN)) {
      for (const each of this.store.dependents(object.metadata.uid)) this.withoutOwner(each, object);
      this.drop(id, current, ORPHAN);
    } else if (finalizers.includes(FOREGROUND)) {
      const dependents = this.store.dependents(object.metadata.uid);
      for (const each of dependents)
        if (each.metadata.deletionTimestamp === undefined) this.remove(each, "Foreground");
      if (this.store.dependents(object.metadata.uid).length === 0) this.drop(id, current, FOREGROUND);
    }
  }

  private drop(id: string, object: AnyObject, finalizer: string): void {
    const finalizers = (object.metadata.finalizers ?? []).filter((each) => each !== finalizer);
    this.store.update(this.actor, id, { ...object, metadata: { ...object.metadata, finalizers } });
  }

  private withoutOwner(object: AnyObject, owner: AnyObject): void {
    const id = this.idOf(object.apiVersion, object.kind);
    if (id === undefined) return;
    const ownerReferences = (object.metadata.ownerReferences ?? []).filter(
      (each) => each.uid !== owner.metadata.uid,
    );
    this.store.update(this.actor, id, { ...object, metadata: { ...object.metadata, ownerReferences } });
  }

  private remove(object: AnyObject, propagation: "Background" | "Foreground" = "Background"): void {
    const id = this.idOf(object.apiVersion, object.kind);
    if (id === undefined) return;
    this.store.delete(this.actor, id, object.metadata.namespace ?? "", object.metadata.name, { propagation });
  }

  private lives(
    reference: {
      readonly apiVersion: string;
      readonly kind: string;
      readonly name: string;
      readonly uid: string;
    },
    child: AnyObject,
  ): boolean {
    const id = this.idOf(reference.apiVersion, reference.kind);
    return (
      id !== undefined &&
      this.find(id, child.metadata.namespace, reference.name)?.metadata.uid === reference.uid
    );
  }

  private find(id: string, namespace: string | undefined, name: string): AnyObject | undefined {
    return this.store.get(id, this.store.resource(id).namespaced ? (namespace ?? "") : "", name);
  }

  private idOf(apiVersion: string, kind: string): string | undefined {
    const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
    return this.store.resources().find((info) => info.kind === kind && info.group === group)?.id;
  }
}

export const garbageCollector: Controller = {
  name: "garbage-collector-controller",
  start({ store }) {
    new GarbageCollector(store);
  },
};
