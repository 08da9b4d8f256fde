/**
 * Kubernetes quantities: `100m`, `1.5`, `64Mi`, `2e3`. Models: apimachinery/pkg/api/resource Quantity, in doubles: exact
 * for every size that a node or a pod can have.
 */

const SCALE: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The number a quantity stands for (cores, bytes), or undefined when it is malformed. */
export function parseQuantity(text: string): number | undefined {
  const m = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?$/.exec(text);
  if (m === null) return undefined;
  const value = Number(m[1]);
  return m[3] === undefined ? value * SCALE[m[2] ?? ""]! : value * 10 ** Number(m[3]);
}

/** The rule that a malformed quantity breaks, as the API server words it. */
export const QUANTITY_RULE =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** The canonical text: thousandths below one, else the largest suffix of the family that keeps it whole. */
export function canonicalQuantity(text: string): string {
  const value = parseQuantity(text);
  if (value === undefined) return text;
  const binary = /i$/.test(text);
  if (value === 0) return "0";
  if (!Number.isInteger(value)) return `${Math.ceil(value * 1000 - 1e-9)}m`;
  const families = binary ? ["Ei", "Pi", "Ti", "Gi", "Mi", "Ki"] : ["E", "P", "T", "G", "M", "k"];
  const suffix = families.find((s) => value % SCALE[s]! === 0);
  return suffix === undefined ? String(value) : `${value / SCALE[suffix]!}${suffix}`;
}
