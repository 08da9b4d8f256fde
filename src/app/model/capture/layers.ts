import type { Layer } from "../../../wire/dissect.ts";

/** The value of a layer's field; "" when it has none. */
export function valueOf(layer: Layer | undefined, name: string): string {
  return layer?.fields.find((field) => field.name === name)?.value ?? "";
}
