import { tabWrite } from "../../formats/tabwriter.ts";
import type { ResourceInfo } from "../api/resources.ts";
import type { AnyObject } from "../api/types.ts";
import type { Found } from "./resolve.ts";
import { shownName } from "./resolve.ts";
import { tableHeaders, tableRow } from "./tables/index.ts";
import { labelsText, type RowContext } from "./tables/table.ts";

export interface TableOptions extends RowContext {
  readonly withNamespace: boolean;
  /** `pod/NAME` instead of NAME: several kinds are listed. */
  readonly withKind: boolean;
  readonly headers: boolean;
  readonly showLabels: boolean;
  /** -L: each a column with the label's value. */
  readonly labelColumns: readonly string[];
}

/** kubectl's column layout. Models: cli-runtime/pkg/printers GetNewTabWriter. */
const LAYOUT = { minWidth: 6, padding: 3 } as const;

export function layout(rows: readonly (readonly string[])[]): string {
  return tabWrite(rows.map((row) => `${row.join("\t")}\n`).join(""), LAYOUT);
}

export function headerRow(resource: ResourceInfo, options: TableOptions): readonly string[] {
  return [
    ...(options.withNamespace && resource.namespaced ? ["NAMESPACE"] : []),
    ...tableHeaders(resource, options.wide),
    ...options.labelColumns.map((label) => (label.split("/").at(-1) ?? label).toUpperCase()),
    ...(options.showLabels ? ["LABELS"] : []),
  ];
}

export function objectRow(
  resource: ResourceInfo,
  object: AnyObject,
  options: TableOptions,
): readonly string[] {
  const cells = tableRow(resource, object, options);
  const { name, namespace = "", labels } = object.metadata;
  const named = options.withKind
    ? cells.map((cell, i) => (i === 0 && cell === name ? shownName(resource, name) : cell))
    : cells;
  return [
    ...(options.withNamespace && resource.namespaced ? [namespace] : []),
    ...named,
    ...options.labelColumns.map((label) => labels?.[label] ?? ""),
    ...(options.showLabels ? [labelsText(labels)] : []),
  ];
}

/** Every kind's objects as a table of their own, with an empty line between two. */
export function printTables(found: readonly Found[], options: TableOptions): string {
  const groups: { resource: ResourceInfo; rows: (readonly string[])[] }[] = [];
  for (const { resource, object } of found) {
    let group = groups.at(-1);
    if (group?.resource !== resource) {
      group = { resource, rows: options.headers ? [headerRow(resource, options)] : [] };
      groups.push(group);
    }
    group.rows.push(objectRow(resource, object, options));
  }
  return groups.map(({ rows }) => layout(rows)).join(options.headers ? "\n" : "");
}
