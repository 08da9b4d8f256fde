/** JSON as iproute2's json_writer.c lays it out: nothing between tokens, or its own idea of pretty. */
export type Json =
  string | number | boolean | null | { readonly raw: string } | readonly Json[] | ReadonlyMap<string, Json>;

const INDENT = 4;

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isMap(value: Json): value is ReadonlyMap<string, Json> {
  return value instanceof Map;
}

function object(map: ReadonlyMap<string, Json>, pretty: boolean, depth: number): string {
  if (map.size === 0) return pretty ? "{ }" : "{}";
  const members = [...map].map(([key, value]) => {
    const head = pretty
      ? " ".repeat(INDENT * (depth + 1)) + JSON.stringify(key) + ": "
      : JSON.stringify(key) + ":";
    return head + print(value, pretty, depth + 1);
  });
  if (!pretty) return `{${members.join(",")}}`;
  return `{\n${members.join(",\n")}\n${" ".repeat(INDENT * depth)}}`;
}

function print(value: Json, pretty: boolean, depth: number): string {
  if (isArray(value)) {
    const items = value.map((item) => print(item, pretty, depth + 1)).join(",");
    if (!pretty) return `[${items}]`;
    return items === "" ? "[ ]" : `[ ${items} ]`;
  }
  if (isMap(value)) return object(value, pretty, depth);
  if (value !== null && typeof value === "object") return value.raw;
  return JSON.stringify(value);
}

export function printJson(value: Json, pretty: boolean): string {
  return print(value, pretty, 0);
}
