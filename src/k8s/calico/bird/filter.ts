import { formatIpv4, inPrefix, type Ipv4, type Ipv4Prefix } from "../../../wire/address.ts";
import {
  type Expression,
  type Filter,
  type FunctionDefinition,
  matchesPattern,
  type Statement,
  type Value,
} from "./config.ts";

/** What a filter sees of a route. */
export interface FilterInput {
  readonly net: Ipv4Prefix;
  readonly ifname: string | undefined;
  readonly bgpNextHop: Ipv4 | undefined;
  /** RTS_BGP, RTS_STATIC, RTS_DEVICE, RTS_INHERIT. */
  readonly source: string;
}

/** What a filter says of a route, and what it changes in it. */
export interface Verdict {
  readonly accepted: boolean;
  /** krt_tunnel: the device that the kernel's route is to take; "" for none. */
  readonly tunnel: string;
  readonly communities: readonly number[];
}

const VOID: Value = { kind: "void" };
type Arguments = ReadonlyMap<string, Value>;
type End = "accept" | "reject";

function within(inner: Ipv4Prefix, outer: Ipv4Prefix): boolean {
  return inner.length >= outer.length && inPrefix(inner.address, outer.address, outer.length);
}

/** `left ~ right`. */
function matches(left: Value, right: Value): boolean {
  if (left.kind === "prefix" && right.kind === "prefix") return within(left.prefix, right.prefix);
  if (left.kind === "prefix" && right.kind === "prefixes")
    return right.patterns.some(
      ({ prefix, min, max }) =>
        within(left.prefix, prefix) && left.prefix.length >= min && left.prefix.length <= max,
    );
  if (left.kind === "ip" && right.kind === "prefix")
    return inPrefix(left.ip, right.prefix.address, right.prefix.length);
  if (left.kind === "text" && right.kind === "text") return matchesPattern(right.text, left.text);
  if (left.kind === "text" && right.kind === "names") return right.names.includes(left.text);
  return false;
}

function plain(value: Value): string {
  switch (value.kind) {
    case "text":
      return value.text;
    case "number":
      return String(value.number);
    case "bool":
      return String(value.bool);
    case "ip":
      return formatIpv4(value.ip);
    case "prefix":
      return `${formatIpv4(value.prefix.address)}/${value.prefix.length}`;
    default:
      return "";
  }
}

const equals = (left: Value, right: Value): boolean =>
  left.kind === right.kind && plain(left) === plain(right);

/** One run of a filter over one route. Models: BIRD filter/filter.c, the part that Calico's templates use. */
class Run {
  tunnel = "";
  readonly communities: number[] = [];
  private readonly input: FilterInput;
  private readonly functions: ReadonlyMap<string, FunctionDefinition>;

  constructor(input: FilterInput, functions: ReadonlyMap<string, FunctionDefinition>) {
    this.input = input;
    this.functions = functions;
  }

  /** The first accept or reject; undefined when there is none. */
  body(statements: readonly Statement[], args: Arguments): End | undefined {
    for (const statement of statements) {
      const end = this.statement(statement, args);
      if (end !== undefined) return end;
    }
    return undefined;
  }

  private statement(statement: Statement, args: Arguments): End | undefined {
    switch (statement.kind) {
      case "accept":
      case "reject":
        return statement.kind;
      case "block":
        return this.body(statement.body, args);
      case "if": {
        if (this.truth(statement.test, args)) return this.statement(statement.then, args);
        return statement.otherwise === undefined ? undefined : this.statement(statement.otherwise, args);
      }
      case "assign":
        if (statement.name !== "krt_tunnel")
          throw new Error(`flannelgraph: bird's ${statement.name} is not modelled yet`);
        this.tunnel = plain(this.value(statement.value, args));
        return undefined;
      case "community":
        this.communities.push(statement.community);
        return undefined;
      case "call": {
        const called = this.functions.get(statement.name);
        if (called === undefined)
          throw new Error(`You can't call something which is not a function: ${statement.name}`);
        const values = statement.args.map((arg) => this.value(arg, args));
        return this.body(called.body, new Map(called.parameters.map((name, i) => [name, values[i] ?? VOID])));
      }
    }
  }

  private truth(expression: Expression, args: Arguments): boolean {
    const value = this.value(expression, args);
    return value.kind === "bool" && value.bool;
  }

  private value(expression: Expression, args: Arguments): Value {
    const bool = (is: boolean): Value => ({ kind: "bool", bool: is });
    switch (expression.kind) {
      case "value":
        return expression.value;
      case "name":
        return args.get(expression.name) ?? this.attribute(expression.name);
      case "defined":
        return bool(this.attribute(expression.name).kind !== "void");
      case "not":
        return bool(!this.truth(expression.inner, args));
      case "and":
        return bool(this.truth(expression.left, args) && this.truth(expression.right, args));
      case "or":
        return bool(this.truth(expression.left, args) || this.truth(expression.right, args));
      case "compare": {
        const left = this.value(expression.left, args);
        const right = this.value(expression.right, args);
        const test = expression.operator.endsWith("~") ? matches(left, right) : equals(left, right);
        return bool(expression.operator.startsWith("!") ? !test : test);
      }
    }
  }

  private attribute(name: string): Value {
    const { net, ifname, bgpNextHop, source } = this.input;
    switch (name) {
      case "net":
        return { kind: "prefix", prefix: net };
      case "ifname":
        return ifname === undefined ? VOID : { kind: "text", text: ifname };
      case "bgp_next_hop":
        return bgpNextHop === undefined ? VOID : { kind: "ip", ip: bgpNextHop };
      case "source":
        return { kind: "text", text: source };
      default:
        throw new Error(`flannelgraph: bird's ${name} is not modelled yet`);
    }
  }
}

/** Runs a filter. One that neither accepts nor rejects rejects. */
export function runFilter(
  filter: Filter,
  input: FilterInput,
  functions: ReadonlyMap<string, FunctionDefinition>,
): Verdict {
  if (filter.kind !== "body") return { accepted: filter.kind === "all", tunnel: "", communities: [] };
  const run = new Run(input, functions);
  const accepted = run.body(filter.body, new Map()) === "accept";
  return { accepted, tunnel: run.tunnel, communities: run.communities };
}
