import { ApiClient, type ApiStore, type Namespace } from "../api/index.ts";
import type { Controller } from "./context.ts";
import { type Reconciled, WorkQueue } from "./work-queue.ts";

/** Empties a namespace that is being deleted, then lets it go. Models: pkg/controller/namespace. */
class NamespaceController {
  private readonly client: ApiClient;
  private readonly work: WorkQueue;

  constructor(store: ApiStore) {
    this.client = new ApiClient(store, "namespace-controller");
    this.work = new WorkQueue(store, (name) => this.reconcile(name));
    this.client.watch("Namespace", ({ type, object }) => {
      if (type !== "DELETED" && object.metadata.deletionTimestamp !== undefined)
        this.work.add(object.metadata.name);
    });
  }

  private reconcile(name: string): Reconciled {
    const namespace = this.client.get("Namespace", "", name);
    if (namespace?.metadata.deletionTimestamp === undefined) return "done";
    const { store, actor } = this.client;
    let left = 0;
    for (const { id, namespaced } of store.resources()) {
      if (!namespaced) continue;
      for (const object of store.list(id, { namespace: name })) {
        if (object.metadata.deletionTimestamp === undefined)
          store.delete(actor, id, name, object.metadata.name);
        if (store.get(id, name, object.metadata.name) !== undefined) left++;
      }
    }
    if (left > 0) return "retry";
    this.client.modify("Namespace", "", name, (now): Namespace => ({ ...now, spec: { finalizers: [] } }));
    return "done";
  }
}

export const namespaceController: Controller = {
  name: "namespace-controller",
  start({ store }) {
    new NamespaceController(store);
  },
};
