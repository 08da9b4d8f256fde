import { must, ok } from "../../base/result.ts";
import { compareText, sameJson } from "../../formats/json.ts";
import type { EventQueue } from "../../sim/queue.ts";
import type { Random } from "../../sim/random.ts";
import { type Nanos, nanos, seconds } from "../../sim/time.ts";
import { admitCreate, admitUpdate } from "./admission/index.ts";
import { type NodePortRange, ServiceAllocations } from "./admission/allocations.ts";
import { gracePeriodOf } from "./admission/pod.ts";
import { customResource } from "./custom.ts";
import {
  alreadyExists,
  type ApiResult,
  conflict,
  forbidden,
  invalid,
  notFound,
  requiredField,
  unreachable,
} from "./errors.ts";
import { BUILT_IN_RESOURCES, type ResourceInfo } from "./resources.ts";
import { NAME_ALPHABET } from "./names.ts";
import { Table } from "./table.ts";
import { timestamp } from "./time.ts";
import type { AnyDraft, AnyObject, ObjectMeta } from "./types.ts";
import { inScope, type WatchHandler, WatchHub, type WatchScope } from "./watch.ts";

/** Models: plugin/pkg/admission/namespace/lifecycle. */
const IMMORTAL: ReadonlySet<string> = new Set(["default", "kube-system", "kube-public"]);

export type Verb = "create" | "update" | "update-status" | "bind" | "delete";

/** One write, as the trace and the journal show it. `before` is absent on creation, `after` on removal. */
export interface StoreChange {
  readonly verb: Verb;
  /** The resource's id: the kind, or `Kind.group` for a custom one. */
  readonly kind: string;
  /** `NAMESPACE/NAME`, or `NAME` for cluster-wide objects. */
  readonly key: string;
  readonly before: AnyObject | undefined;
  readonly after: AnyObject | undefined;
  readonly actor: string;
  readonly time: Nanos;
}

export interface DeleteOptions {
  /** Pods only: 0 removes at once; the pod's own period when absent. */
  readonly gracePeriodSeconds?: number;
  readonly propagation?: "Background" | "Foreground" | "Orphan";
}

export interface ListScope extends WatchScope {
  readonly where?: (object: AnyObject) => boolean;
}

export interface StoreOptions {
  readonly queue: EventQueue;
  readonly random: Random;
  /** Where cluster addresses of Services come from (kind's default). */
  readonly serviceSubnet?: string;
  readonly nodePorts?: NodePortRange;
}

/** `NAMESPACE/NAME`, or `NAME` for a cluster-wide object. */
export function keyOf(object: AnyObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/**
 * The API server and its etcd in one: objects by kind, namespace and name, each write with a new resource version,
 * watchers told of it a little later. Clients use it through `ApiClient`, which signs their writes.
 * Models: apiserver/pkg/registry/generic/registry Store. Not modelled: admission webhooks, authorization, pagination.
 */
export class ApiStore {
  readonly queue: EventQueue;
  readonly random: Random;
  /** Which cluster addresses and node ports are given away. */
  readonly services: ServiceAllocations;
  /** Called synchronously with every write. */
  observer: ((change: StoreChange) => void) | null = null;
  /** Called before the Events about an object are looked for: a node that slept makes up for its own. */
  beforeEvents: ((about: AnyObject) => void) | null = null;
  /** Writes of a node that relives its past: what the watchers of Events hear of when it is over. */
  private relived: (() => void)[] | null = null;
  /** What waits for the API server, while it is down. */
  private stopped: (() => void)[] | null = null;
  private version = 0;
  private readonly tables = new Map<string, Table>();
  private readonly hubs = new Map<string, WatchHub>();
  private readonly known = new Map<string, ResourceInfo>();
  /** Owner's uid to its dependents, each as `id key`. */
  private readonly owned = new Map<string, Map<string, AnyObject>>();

  constructor(options: StoreOptions) {
    this.queue = options.queue;
    this.random = options.random;
    this.services = new ServiceAllocations(options.serviceSubnet ?? "10.96.0.0/16", options.nodePorts);
    for (const info of BUILT_IN_RESOURCES) this.serve(info);
  }

  /** Whether the API server's machine is off: it answers nobody, and the controllers beside it stand still. */
  get down(): boolean {
    return this.stopped !== null;
  }

  suspend(): void {
    this.stopped ??= [];
  }

  /** It is there again, with all that etcd has on its disk: what the controllers had before them they now do. */
  resume(): void {
    const acts = this.stopped ?? [];
    this.stopped = null;
    for (const act of acts) this.queue.after(nanos(0), () => this.whenServing(act));
  }

  /** Does something of the control plane's own: at once, or when its machine is on again. */
  whenServing(act: () => void): void {
    if (this.stopped === null) act();
    else this.stopped.push(act);
  }

  get now(): Nanos {
    return this.queue.now;
  }

  timestamp(): string {
    return timestamp(this.queue.now);
  }

  resources(): readonly ResourceInfo[] {
    return [...this.known.values()];
  }

  resource(id: string): ResourceInfo {
    return must(this.known.get(id), `resource ${id}`);
  }

  get(id: string, namespace: string, name: string): AnyObject | undefined {
    return this.tables.get(id)?.get(namespace, name);
  }

  list(id: string, scope: ListScope = {}): readonly AnyObject[] {
    const out: AnyObject[] = [];
    for (const object of must(this.tables.get(id), `table ${id}`).candidates(scope)) {
      if (inScope(scope, object) && (scope.where?.(object) ?? true)) out.push(object);
    }
    return out;
  }

  /** How many objects of a kind there are. */
  size(id: string): number {
    return this.tables.get(id)?.size ?? 0;
  }

  /** The objects that name `uid` among their owners. */
  dependents(uid: string): readonly AnyObject[] {
    return [...(this.owned.get(uid)?.values() ?? [])];
  }

  watch(id: string, scope: WatchScope, handler: WatchHandler<AnyObject>): () => void {
    return must(this.hubs.get(id), `watch hub ${id}`).add(scope, this.list(id, scope), this.version, handler);
  }

  /**
   * A node that slept catches up in `past`: the cluster knows already what its programs wrote then, so their writes are
   * answered and forgotten. Only their Events are new.
   */
  relive(past: () => void): void {
    const outer = this.relived;
    this.relived ??= [];
    try {
      past();
    } finally {
      const news = this.relived;
      this.relived = outer;
      if (outer === null) for (const tell of news) tell();
    }
  }

  create(actor: string, id: string, draft: AnyDraft): ApiResult<AnyObject> {
    if (this.down) return unreachable();
    const resource = this.resource(id);
    const named = this.named(draft, resource);
    const name = named.metadata.name ?? "";
    if (name === "") {
      const field = requiredField("metadata.name", "name or generateName is required");
      return invalid(resource.kind, resource.group, "", [field]);
    }
    const { namespace = "" } = named.metadata;
    if (this.get(id, namespace, name) !== undefined) return alreadyExists(resource, name);
    const admitted = admitCreate(this, resource, named);
    if (!admitted.ok) return admitted;
    const metadata: ObjectMeta = {
      ...admitted.value.metadata,
      name,
      uid: this.uid(),
      creationTimestamp: this.timestamp(),
      resourceVersion: "",
      ...(resource.counted ? { generation: 1 } : {}),
    };
    return ok(this.put(actor, "create", id, undefined, { ...admitted.value, metadata }));
  }

  /**
   * Replaces an object. A resourceVersion that is not the stored one is a conflict. What the server owns stays; a
   * `status` write changes only status, labels and annotations; an `update` never changes status.
   */
  update(actor: string, id: string, next: AnyObject, verb: Verb = "update"): ApiResult<AnyObject> {
    if (this.down) return unreachable();
    const resource = this.resource(id);
    const { namespace = "", name, resourceVersion } = next.metadata;
    const current = this.get(id, namespace, name);
    if (current === undefined) return notFound(resource, name);
    if (resourceVersion !== "" && resourceVersion !== current.metadata.resourceVersion)
      return conflict(resource, name);
    const merged = this.merge(current, next, verb);
    const admitted = admitUpdate(this, resource, merged, current, verb);
    if (!admitted.ok) return admitted;
    if (sameJson(admitted.value, current)) return ok(current);
    return ok(this.commit(actor, verb, id, current, admitted.value));
  }

  /** Deletes an object, or marks it for deletion when finalizers, a grace period or a namespace's contents hold it. */
  delete(
    actor: string,
    id: string,
    namespace: string,
    name: string,
    options: DeleteOptions = {},
  ): ApiResult<AnyObject> {
    if (this.down) return unreachable();
    const current = this.get(id, namespace, name);
    if (current === undefined) return notFound(this.resource(id), name);
    if (id === "Namespace" && IMMORTAL.has(name)) {
      return forbidden(this.resource(id), name, "this namespace may not be deleted");
    }
    const grace = this.graceSeconds(current, options);
    const finalizers = this.finalizersFor(current, options);
    const held = finalizers.length > 0 || grace > 0 || isLivingNamespace(current);
    if (!held) {
      this.remove(actor, id, current);
      return ok(current);
    }
    const { deletionTimestamp, deletionGracePeriodSeconds = Infinity } = current.metadata;
    if (deletionTimestamp !== undefined && grace >= deletionGracePeriodSeconds) return ok(current);
    const metadata: ObjectMeta = {
      ...current.metadata,
      deletionTimestamp: timestamp((this.now + seconds(grace)) as Nanos),
      deletionGracePeriodSeconds: grace,
      ...(finalizers.length > 0 ? { finalizers } : {}),
    };
    const marked = { ...current, metadata };
    const next = current.kind === "Namespace" ? { ...marked, status: { phase: "Terminating" } } : marked;
    return ok(this.put(actor, "delete", id, current, next));
  }

  private commit(actor: string, verb: Verb, id: string, current: AnyObject, next: AnyObject): AnyObject {
    const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = next.metadata;
    const free = finalizers.length === 0 && deletionGracePeriodSeconds === 0 && !isLivingNamespace(next);
    if (deletionTimestamp !== undefined && free) {
      this.remove(actor, id, current);
      return next;
    }
    const before = "spec" in current ? current.spec : undefined;
    const after = "spec" in next ? next.spec : undefined;
    const { generation } = current.metadata;
    const bumped =
      generation === undefined || verb === "bind" || sameJson(before, after) ? generation : generation + 1;
    const metadata = bumped === undefined ? next.metadata : { ...next.metadata, generation: bumped };
    return this.put(actor, verb, id, current, { ...next, metadata });
  }

  private put(
    actor: string,
    verb: Verb,
    id: string,
    before: AnyObject | undefined,
    draft: AnyObject,
  ): AnyObject {
    if (this.relived !== null && id !== "Event") return draft;
    const version = ++this.version;
    const after = { ...draft, metadata: { ...draft.metadata, resourceVersion: String(version) } };
    must(this.tables.get(id), `table ${id}`).set(after);
    this.index(id, before, after);
    this.announce({ verb, kind: id, key: keyOf(after), before, after, actor, time: this.now }, version);
    const custom = customResource(after);
    if (custom !== undefined) this.serve(custom);
    return after;
  }

  private remove(actor: string, id: string, before: AnyObject): void {
    if (this.relived !== null) return;
    const version = ++this.version;
    must(this.tables.get(id), `table ${id}`).delete(before.metadata.namespace ?? "", before.metadata.name);
    this.index(id, before, undefined);
    const time = this.now;
    this.announce(
      { verb: "delete", kind: id, key: keyOf(before), before, after: undefined, actor, time },
      version,
    );
    const custom = customResource(before);
    if (custom !== undefined) this.known.delete(custom.id);
  }

  private announce(change: StoreChange, version: number): void {
    this.observer?.(change);
    const hub = must(this.hubs.get(change.kind), `watch hub ${change.kind}`);
    const tell = (): void => hub.notify(change.before, change.after, version);
    if (this.relived === null) tell();
    else this.relived.push(tell);
  }

  private serve(info: ResourceInfo): void {
    this.known.set(info.id, info);
    if (this.tables.has(info.id)) return;
    this.tables.set(info.id, new Table());
    this.hubs.set(info.id, new WatchHub(this.queue));
  }

  private index(id: string, before: AnyObject | undefined, after: AnyObject | undefined): void {
    if (id === "Service") this.services.update(before, after);
    for (const owner of before?.metadata.ownerReferences ?? []) {
      const set = this.owned.get(owner.uid);
      set?.delete(`${id} ${keyOf(before!)}`);
      if (set?.size === 0) this.owned.delete(owner.uid);
    }
    for (const owner of after?.metadata.ownerReferences ?? []) {
      const set = this.owned.get(owner.uid) ?? new Map<string, AnyObject>();
      set.set(`${id} ${keyOf(after!)}`, after!);
      this.owned.set(owner.uid, set);
    }
  }

  private named(draft: AnyDraft, resource: ResourceInfo): AnyDraft {
    const { name, generateName, namespace, ...rest } = draft.metadata;
    const base = generateName ?? "";
    const generated = base === "" ? undefined : base + this.random.text(5, NAME_ALPHABET);
    const where = resource.namespaced ? { namespace: namespace ?? "default" } : {};
    const prefix = generateName === undefined ? {} : { generateName };
    return { ...draft, metadata: { ...rest, ...prefix, ...where, name: name ?? generated } };
  }

  private merge(current: AnyObject, next: AnyObject, verb: Verb): AnyObject {
    const kept = current.metadata;
    const { uid, creationTimestamp, generation, deletionTimestamp, deletionGracePeriodSeconds } = kept;
    const metadata: ObjectMeta = {
      ...next.metadata,
      ...{ uid, creationTimestamp, generation, deletionTimestamp, deletionGracePeriodSeconds },
      resourceVersion: kept.resourceVersion,
    };
    const status = "status" in current ? { status: current.status } : {};
    if (verb === "bind") return { ...next, metadata };
    if (verb === "update") return { ...next, ...status, metadata };
    const { ownerReferences, finalizers } = kept;
    const written = "status" in next ? { status: next.status } : {};
    return { ...current, ...written, metadata: { ...metadata, ownerReferences, finalizers } };
  }

  private graceSeconds(object: AnyObject, options: DeleteOptions): number {
    const pod = gracePeriodOf(object);
    return pod === 0 ? 0 : (options.gracePeriodSeconds ?? pod);
  }

  private finalizersFor(object: AnyObject, options: DeleteOptions): readonly string[] {
    const own = object.metadata.finalizers ?? [];
    if (options.propagation === "Foreground")
      return [...new Set([...own, "foregroundDeletion"])].toSorted(compareText);
    if (options.propagation === "Orphan") return [...new Set([...own, "orphan"])].toSorted(compareText);
    return own;
  }

  private uid(): string {
    const hex = "0123456789abcdef";
    const digits = (n: number): string => this.random.text(n, hex);
    return `${digits(8)}-${digits(4)}-4${digits(3)}-${this.random.text(1, "89ab")}${digits(3)}-${digits(12)}`;
  }
}

/** A namespace that still has its own finalizer: its contents go first. */
function isLivingNamespace(object: AnyObject): boolean {
  if (object.kind !== "Namespace" || !("spec" in object)) return false;
  const { spec } = object;
  return (
    typeof spec === "object" &&
    spec !== null &&
    "finalizers" in spec &&
    Array.isArray(spec.finalizers) &&
    spec.finalizers.length > 0
  );
}
