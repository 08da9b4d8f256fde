import type { NftElement, NftExpr, NftSetRef, NftStatement, NftVerdict } from "../../uapi/nft.ts";
import { isVerdict } from "./set.ts";

/** What a rule or an element refers to by name. */
export interface References {
  readonly chains: string[];
  readonly sets: string[];
  readonly counters: string[];
  /** How many sets of its own it has. */
  anonymous: number;
  /** Whether conntrack is asked. */
  conntrack: boolean;
  /** What we have no model of; undefined when there is nothing. */
  unknown: string | undefined;
}

function ofVerdict(verdict: NftVerdict, out: References): void {
  if (verdict.kind === "jump" || verdict.kind === "goto") out.chains.push(verdict.chain);
}

function ofSet(ref: NftSetRef, out: References): void {
  if ("name" in ref) {
    out.sets.push(ref.name);
    return;
  }
  out.anonymous++;
  for (const element of ref.elements) ofElement(element, out);
}

export function ofElement(element: NftElement, out: References): void {
  if (isVerdict(element.data)) ofVerdict(element.data, out);
}

function ofExpr(expr: NftExpr | undefined, out: References): void {
  switch (expr?.kind) {
    case "concat":
      for (const part of expr.parts) ofExpr(part, out);
      return;
    case "binary":
      ofExpr(expr.left, out);
      ofExpr(expr.right, out);
      return;
    case "map":
      ofExpr(expr.key, out);
      ofSet(expr.data, out);
      return;
    case "ct":
      out.conntrack = true;
      if (expr.key === "expiration") out.unknown = "ct expiration";
      return;
    case "jhash":
      out.unknown = "jhash";
      return;
    case "value":
    case "payload":
    case "meta":
    case "fib":
    case "numgen":
    case undefined:
  }
}

function ofStatement(s: NftStatement, out: References): void {
  switch (s.kind) {
    case "match":
      ofExpr(s.left, out);
      if (s.right.kind === "set") ofSet(s.right.set, out);
      return;
    case "verdict":
      ofVerdict(s.verdict, out);
      return;
    case "vmap":
      ofExpr(s.key, out);
      ofSet(s.data, out);
      return;
    case "named-counter":
      out.counters.push(s.name);
      return;
    case "set-ct":
      out.conntrack = true;
      ofExpr(s.value, out);
      return;
    case "set-meta":
    case "set-payload":
      ofExpr(s.value, out);
      return;
    case "nat":
      out.conntrack = true;
      for (const expr of [s.address, s.addressMax, s.port, s.portMax]) ofExpr(expr, out);
      return;
    case "update":
      out.sets.push(s.set);
      ofExpr(s.key, out);
      ofExpr(s.data, out);
      return;
    case "counter":
    case "reject":
    case "log":
    case "limit":
    case "queue":
    case "notrack":
  }
}

export function nothing(): References {
  return { chains: [], sets: [], counters: [], anonymous: 0, conntrack: false, unknown: undefined };
}

export function referencesOf(statements: readonly NftStatement[]): References {
  const out = nothing();
  for (const s of statements) ofStatement(s, out);
  return out;
}
