import { isList, isRecord, jsonText } from "../../formats/json.ts";

/** A JSON tree as Go's %#v prints it: what kubectl shows when a template fails. */
export function goSyntax(value: unknown): string {
  if (isList(value)) return `[]interface {}{${value.map(goSyntax).join(", ")}}`;
  if (isRecord(value)) {
    const pairs = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${goSyntax(item)}`);
    return `map[string]interface {}{${pairs.join(", ")}}`;
  }
  return typeof value === "string"
    ? JSON.stringify(value)
    : value === null
      ? "interface {}(nil)"
      : jsonText(value);
}
