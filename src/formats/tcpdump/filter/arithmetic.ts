import type { PacketView } from "./view.ts";

/** A number computed from a packet. `constant` when it needs none. */
export interface Value {
  readonly constant?: number;
  readonly evaluate: (view: PacketView) => number;
  /** False when the packet has no such protocol: the comparison does not hold then. */
  readonly applies: (view: PacketView) => boolean;
}

export const ALWAYS_APPLIES = (): boolean => true;

export function constant(value: number): Value {
  const unsigned = value >>> 0;
  return { constant: unsigned, evaluate: () => unsigned, applies: ALWAYS_APPLIES };
}

/** 32 bits without sign, as in a packet filter machine; dividing by nothing rejects. */
export const OPERATORS: Readonly<Record<string, (a: number, b: number) => number | undefined>> = {
  "+": (a, b) => (a + b) >>> 0,
  "-": (a, b) => (a - b) >>> 0,
  "*": (a, b) => Math.imul(a, b) >>> 0,
  "/": (a, b) => (b === 0 ? undefined : Math.floor(a / b)),
  "%": (a, b) => (b === 0 ? undefined : a % b),
  "&": (a, b) => (a & b) >>> 0,
  "|": (a, b) => (a | b) >>> 0,
  "^": (a, b) => (a ^ b) >>> 0,
  "<<": (a, b) => (b > 31 ? 0 : (a << b) >>> 0),
  ">>": (a, b) => (b > 31 ? 0 : a >>> b),
};

export function combine(sign: string, a: Value, b: Value): Value {
  const operate = OPERATORS[sign]!;
  const compute = (x: number, y: number, view?: PacketView): number => {
    const result = operate(x, y);
    if (result === undefined && view !== undefined) view.failed = true;
    return result ?? 0;
  };
  if (a.constant !== undefined && b.constant !== undefined) return constant(compute(a.constant, b.constant));
  return {
    evaluate: (view) => compute(a.evaluate(view), b.evaluate(view), view),
    applies: (view) => a.applies(view) && b.applies(view),
  };
}

export const RELATIONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "=": (a, b) => a === b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};
