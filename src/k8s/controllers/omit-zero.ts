/** Counts of zero are left out, as Go's omitempty does. */
export function omitZero<T extends Readonly<Record<string, number>>>(counts: T): Partial<T> {
  const out: Partial<T> = {};
  for (const name in counts) if (counts[name] !== 0) out[name] = counts[name];
  return out;
}
