import { compareText, isList, isRecord, jsonText } from "../../../formats/json.ts";
import { type ApiClient, eventsAbout } from "../../api/index.ts";
import type { AnyObject } from "../../api/types.ts";
import { Sheet } from "./sheet.ts";

/** `clusterIP` as `Cluster IP`. Models: kubectl/pkg/describe smartLabelFor. */
function titleOf(field: string): string {
  const words = field.split(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/);
  return words
    .map((word) =>
      /^(api|url|uid|osb|guid|ip|dns)$/i.test(word)
        ? word.toUpperCase()
        : word.charAt(0).toUpperCase() + word.slice(1),
    )
    .join(" ");
}

function body(
  sheet: Sheet,
  level: number,
  tree: Readonly<Record<string, unknown>>,
  skip: ReadonlySet<string>,
): void {
  for (const key of Object.keys(tree).toSorted(compareText)) {
    const value = tree[key];
    if (value === undefined || (level === 0 && skip.has(key))) continue;
    const title = `${titleOf(key)}:`;
    if (isRecord(value)) {
      sheet.line(level, title);
      body(sheet, level + 1, value, skip);
    } else if (isList(value)) {
      sheet.line(level, title);
      for (const item of value) {
        if (isRecord(item)) body(sheet, level + 1, item, skip);
        else sheet.line(level + 1, String(item));
      }
    } else sheet.line(level, title, jsonText(value));
  }
}

/** Every field of an object, for kinds without a description of their own. Models: GenericDescriber. */
export function describeAny(object: AnyObject, client: ApiClient): string {
  const sheet = new Sheet();
  const { metadata, apiVersion, kind } = object;
  sheet.line(0, "Name:", metadata.name);
  sheet.line(0, "Namespace:", metadata.namespace ?? "");
  sheet.labels(0, "Labels", metadata.labels);
  sheet.annotations(0, "Annotations", metadata.annotations);
  sheet.line(0, "API Version:", apiVersion);
  sheet.line(0, "Kind:", kind);
  const { creationTimestamp, generation, resourceVersion, uid } = metadata;
  sheet.line(0, "Metadata:");
  body(sheet, 1, { creationTimestamp, generation, resourceVersion, uid }, new Set());
  body(sheet, 0, { ...object }, new Set(["apiVersion", "kind", "metadata"]));
  sheet.events(eventsAbout(client, object), client.store.now);
  return sheet.toString();
}
