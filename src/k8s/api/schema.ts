import * as v from "valibot";

/**
 * The words that API kinds are described in. One description serves three ends: the TypeScript type, the check of what
 * a manifest holds, and the list of field names that strict decoding knows. Nothing is defaulted here.
 */

/** Everything about `T` read-only, all the way down. */
export type DeepReadonly<T> = T extends readonly (infer U)[]
  ? readonly DeepReadonly<U>[]
  : T extends object
    ? { readonly [P in keyof T]: DeepReadonly<T[P]> }
    : T;

/** The read-only type that a description stands for. */
export type Described<S extends v.GenericSchema> = DeepReadonly<v.InferOutput<S>>;

export const text = v.string();
export const int = v.pipe(v.number(), v.integer());
export const flag = v.boolean();
/** A field that is accepted and stored, and that nothing here looks into. */
export const opaque = v.unknown();
export const intOrText = v.union([int, text]);
/** A Kubernetes quantity. Manifests may write a number; it is kept as text. */
export const quantity = v.pipe(
  v.union([text, v.number()]),
  v.transform((value) => String(value)),
);

export const may = <const S extends v.GenericSchema>(schema: S): v.OptionalSchema<S, undefined> =>
  v.optional(schema);
export const list = <const S extends v.GenericSchema>(item: S): v.ArraySchema<S, undefined> => v.array(item);
export const map = <const S extends v.GenericSchema>(value: S): v.RecordSchema<typeof text, S, undefined> =>
  v.record(text, value);

/** The one instance of "text by name" that labels, annotations, selectors and data share. */
export const texts = map(text);

/** A structure; `goName` is the name of the Go struct that decoding errors print. */
export function struct<const E extends v.ObjectEntries>(goName: string, entries: E) {
  return v.pipe(v.object(entries), v.title(goName));
}

/** Every one of `names` as an optional field that is stored unread. */
export function unread<const N extends string>(
  names: readonly N[],
): Record<N, v.OptionalSchema<typeof opaque, undefined>> {
  return v.entriesFromList(names, v.optional(opaque));
}
