import type { Random } from "../../../sim/random.ts";
import type { ApiResult, FieldError } from "../errors.ts";
import type { ResourceInfo } from "../resources.ts";
import type { ServiceAllocations } from "./allocations.ts";
import type { AnyObject, Draft, Kind, ObjectOf } from "../types.ts";

/** What admission may ask of the server. */
export interface Registry {
  readonly random: Random;
  readonly services: ServiceAllocations;
  resource(id: string): ResourceInfo;
  get(id: string, namespace: string, name: string): AnyObject | undefined;
  list(id: string): readonly AnyObject[];
}

/** What is special about writing one kind. Everything is optional: a kind without rules is stored as it comes. */
export interface Strategy<K extends Kind> {
  /** Fills in what the server defaults and allocates, or refuses. */
  readonly create?: (draft: Draft<K>, registry: Registry) => ApiResult<Draft<K>>;
  /** The same for a new version of an object. */
  readonly update?: (next: ObjectOf<K>, current: ObjectOf<K>, registry: Registry) => ApiResult<ObjectOf<K>>;
  /** The fields that break a rule, after defaulting. `current` is absent on creation. */
  readonly validate?: (
    draft: Draft<K> | ObjectOf<K>,
    current: ObjectOf<K> | undefined,
  ) => readonly FieldError[];
}
