import budgetTable from "./budgets.json";
import layerTable from "./layers.json";

/** A row of the layer table: what a folder of `src` may import, and on what machine its code must run. */
export interface Layer {
  readonly kind: string;
  /** Folders, separated by blanks; `kernel/uapi` opens that folder of `kernel` only. */
  readonly imports: string;
  /** What it may also import with `import type`, which leaves no code. */
  readonly types?: string;
}

/** A file or function that may be longer than the budget, as long as `reason` holds. */
export interface Exception {
  readonly path: string;
  /** The function's name; the whole file when absent. */
  readonly function?: string;
  readonly lines: number;
  readonly reason: string;
}

interface Budgets {
  readonly file: number;
  readonly testFile: number;
  readonly function: number;
  readonly component: number;
  readonly readme: number;
  readonly tighter: Readonly<Record<string, { readonly lines: number; readonly reason: string }>>;
  readonly exceptions: readonly Exception[];
}

const words = (list: string): string[] => list.split(" ").filter((word) => word !== "");

export const layers: Readonly<Record<string, Layer>> = layerTable.layers;
export const budgets: Budgets = budgetTable;
export const startsWorkers: string = layerTable.startsWorkers;
export const testsOnly: string = layerTable.testsOnly;
export const testPackages: readonly string[] = words(layerTable.testPackages);

/** What the layer's row lists. */
export function importsOf(layer: string): string[] {
  return words(layers[layer]?.imports ?? "");
}

/** What the layer's row lists for types only. */
export function typesOf(layer: string): string[] {
  return words(layers[layer]?.types ?? "");
}

/** Everything below a layer, however indirectly: what a test of that layer may reach. */
export function below(layer: string): string[] {
  const seen = new Set<string>();
  const add = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const other of importsOf(name)) add(other.split("/")[0] ?? other);
  };
  add(layer);
  return [...seen];
}

export function packagesOf(layer: string): string[] {
  const kinds: Readonly<Record<string, { readonly packages: string }>> = layerTable.kinds;
  return words(kinds[layers[layer]?.kind ?? ""]?.packages ?? "");
}

export function isPure(layer: string): boolean {
  return layers[layer]?.kind === "pure";
}

function remedies(table: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(
    Object.entries(table).flatMap(([remedy, list]) => words(list).map((word) => [word, remedy])),
  );
}

/** Globals that pure layers do without, with what to use instead; likewise `object.property` or `property`. */
export const impureGlobals = remedies(layerTable.impure.globals);
export const impureProperties = remedies(layerTable.impure.properties);
