import type { Condition } from "./types.ts";

/** Sets a condition in a list, keeping its transition time while its status stays. New ones go to the end. */
export function withCondition(
  list: readonly Condition[] | undefined,
  next: Condition,
  now: string,
): readonly Condition[] {
  const conditions = list ?? [];
  const before = conditions.find((c) => c.type === next.type);
  if (before !== undefined && saysTheSame(before, next)) return conditions;
  const lastTransitionTime =
    before?.status === next.status && before.lastTransitionTime !== undefined
      ? before.lastTransitionTime
      : now;
  const full = { ...next, lastTransitionTime };
  return before === undefined ? [...conditions, full] : conditions.map((c) => (c === before ? full : c));
}

export function conditionOf(list: readonly Condition[] | undefined, type: string): Condition | undefined {
  return list?.find((c) => c.type === type);
}

function saysTheSame(a: Condition, b: Condition): boolean {
  return (
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.lastHeartbeatTime === b.lastHeartbeatTime
  );
}
