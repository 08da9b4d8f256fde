import type { Process } from "../../os/process.ts";
import {
  type AwkProgram,
  AwkFault,
  type Expression,
  type Redirection,
  type Statement,
  type Target,
} from "./ast.ts";
import { AwkArray } from "./array.ts";
import { callBuiltin, format } from "./builtins.ts";
import { awkRegExp, CurrentRecord } from "./record.ts";
import { compare, InputText, toBoolean, toNumber, toText, type Value } from "./values.ts";

/** How a statement ended, when not by running to its end. */
type Flow = "break" | "continue" | "next" | "exit" | "return" | undefined;

const MAX_DEPTH = 500;
const MAX_STEPS = 20_000_000;

/** What a program wrote: to standard output, or to a file by its name. */
export interface Written {
  readonly text: string;
  readonly to: { readonly path: string; readonly append: boolean } | undefined;
}

/** Runs the statements of a program; reading records and writing output is the caller's. */
export class Interpreter {
  readonly process: Process;
  readonly record = new CurrentRecord();
  readonly written: (Written | "flush")[] = [];
  exitStatus = 0;
  private readonly program: AwkProgram;
  private readonly globals = new Map<string, Value | AwkArray>();
  private locals: Map<string, Value | AwkArray> | undefined;
  private depth = 0;
  private steps = 0;
  private returned: Value;

  constructor(process: Process, program: AwkProgram) {
    this.process = process;
    this.program = program;
    const initial: Readonly<Record<string, Value>> = {
      CONVFMT: "%.6g",
      FS: " ",
      NR: 0,
      FNR: 0,
      OFMT: "%.6g",
      OFS: " ",
      ORS: "\n",
      RLENGTH: -1,
      RS: "\n",
      RSTART: 0,
      SUBSEP: "\x1c",
      FILENAME: "",
    };
    for (const [name, value] of Object.entries(initial)) this.globals.set(name, value);
    const environ = new AwkArray();
    for (const [name, text] of process.env) environ.set(name, new InputText(text));
    this.globals.set("ENVIRON", environ);
  }

  // ------------------------------------------------------------------------------------------------ variables

  get(name: string): Value {
    if (name === "NF") return this.record.count;
    const value = this.locals?.has(name) === true ? this.locals.get(name) : this.globals.get(name);
    if (value instanceof AwkArray) throw new AwkFault(`type error in reference to ${name}`);
    return value;
  }

  set(name: string, value: Value): void {
    if (name === "NF") {
      this.record.count = toNumber(value);
      return;
    }
    if (name === "FS") this.record.separator = this.text(value);
    if (name === "OFS") this.record.outputSeparator = this.text(value);
    const where = this.locals?.has(name) === true ? this.locals : this.globals;
    if (where.get(name) instanceof AwkArray) throw new AwkFault(`type error in reference to ${name}`);
    where.set(name, value);
  }

  array(name: string): AwkArray {
    const where = this.locals?.has(name) === true ? this.locals : this.globals;
    const known = where.get(name);
    if (known instanceof AwkArray) return known;
    if (known !== undefined) throw new AwkFault(`type error in reference to ${name}`);
    const made = new AwkArray();
    where.set(name, made);
    return made;
  }

  /** How many elements an array has; undefined for a name that is none. */
  arraySize(name: string): number | undefined {
    const value = this.locals?.has(name) === true ? this.locals.get(name) : this.globals.get(name);
    return value instanceof AwkArray ? value.size : undefined;
  }

  text(value: Value): string {
    const convert = this.globals.get("CONVFMT");
    return toText(value, typeof convert === "string" ? convert : "%.6g");
  }

  variableText(name: string): string {
    return this.text(this.get(name));
  }

  assign(target: Target, value: Value): void {
    switch (target.kind) {
      case "variable":
        this.set(target.name, value);
        return;
      case "field": {
        const index = toNumber(this.evaluate(target.index));
        if (index < 0) throw new AwkFault(`negative field index $${index}`);
        this.record.put(Math.trunc(index), value, this.text(value));
        return;
      }
      case "element":
        this.array(target.array).set(this.key(target.index), value);
    }
  }

  /** A subscript; a whole number stays one, since mawk keeps it apart from text. */
  private key(index: readonly Expression[]): string | number {
    const only = index.length === 1 ? this.evaluate(index[0]!) : undefined;
    if (typeof only === "number" && Number.isInteger(only) && Math.abs(only) < 2 ** 31) return only;
    if (index.length === 1) return this.text(only);
    return index.map((each) => this.text(this.evaluate(each))).join(this.variableText("SUBSEP"));
  }

  // ------------------------------------------------------------------------------------------------ expressions

  truth(expression: Expression): boolean {
    return toBoolean(this.evaluate(expression));
  }

  evaluate(node: Expression): Value {
    switch (node.kind) {
      case "number":
      case "string":
        return node.value;
      case "group":
        return this.evaluate(node.inner);
      case "regexp":
        return awkRegExp(node.source).test(this.record.text) ? 1 : 0;
      case "variable":
        return this.get(node.name);
      case "field": {
        const index = Math.trunc(toNumber(this.evaluate(node.index)));
        if (index < 0) throw new AwkFault(`negative field index $${index}`);
        return this.record.get(index);
      }
      case "element":
        return this.array(node.array).refer(this.key(node.index));
      case "in":
        return this.array(node.array).has(this.key(node.index)) ? 1 : 0;
      case "conditional":
        return this.evaluate(this.truth(node.test) ? node.yes : node.no);
      case "logical": {
        const left = this.truth(node.left);
        if (left === (node.operator === "||")) return left ? 1 : 0;
        return this.truth(node.right) ? 1 : 0;
      }
      case "match":
        return this.expressionOf(node.right).test(this.text(this.evaluate(node.left))) !== node.negated
          ? 1
          : 0;
      default:
        return this.operate(node);
    }
  }

  private operate(
    node: Extract<Expression, { kind: "assign" | "binary" | "unary" | "step" | "call" }>,
  ): Value {
    switch (node.kind) {
      case "assign": {
        let value = this.evaluate(node.value);
        if (node.operator !== "=")
          value = arithmetic(
            node.operator.slice(0, -1),
            toNumber(this.evaluate(node.target)),
            toNumber(value),
          );
        this.assign(node.target, value);
        return value;
      }
      case "binary":
        return this.binary(node.operator, this.evaluate(node.left), this.evaluate(node.right));
      case "unary": {
        const value = this.evaluate(node.operand);
        if (node.operator === "!") return toBoolean(value) ? 0 : 1;
        return node.operator === "-" ? -toNumber(value) : toNumber(value);
      }
      case "step": {
        const before = toNumber(this.evaluate(node.target));
        this.assign(node.target, before + node.by);
        return node.prefix ? before + node.by : before;
      }
      case "call":
        return this.call(node.name, node.args);
    }
  }

  private binary(operator: string, left: Value, right: Value): Value {
    switch (operator) {
      case " ":
        return this.text(left) + this.text(right);
      case "<":
      case "<=":
      case "==":
      case "!=":
      case ">=":
      case ">":
        return holds(operator, compare(left, right, this.variableText("CONVFMT"))) ? 1 : 0;
      default:
        return arithmetic(operator, toNumber(left), toNumber(right));
    }
  }

  /** A regular expression where one is wanted: a literal, or any value's text. */
  expressionOf(node: Expression): RegExp {
    return awkRegExp(node.kind === "regexp" ? node.source : this.text(this.evaluate(node)));
  }

  private call(name: string, args: readonly Expression[]): Value {
    const definition = this.program.functions.get(name);
    if (definition === undefined) return callBuiltin(this, name, args);
    if (args.length > definition.parameters.length)
      throw new AwkFault(`too many arguments in call to ${name}`);
    if (++this.depth > MAX_DEPTH) throw new AwkFault("function call nesting too deep for mawk");
    const locals = new Map<string, Value | AwkArray>();
    const made: [string, string][] = [];
    for (const [i, parameter] of definition.parameters.entries()) {
      const arg = args[i];
      locals.set(parameter, arg === undefined ? undefined : this.argument(arg, parameter, made));
    }
    const outer = this.locals;
    this.locals = locals;
    this.returned = undefined;
    try {
      this.run(definition.body);
      return this.returned;
    } finally {
      this.locals = outer;
      this.depth--;
      // A variable without a value that the function used as an array is one from now on.
      for (const [parameter, variable] of made) {
        const value = locals.get(parameter);
        const where = outer?.has(variable) === true ? outer : this.globals;
        if (value instanceof AwkArray && where.get(variable) === undefined) where.set(variable, value);
      }
    }
  }

  private argument(arg: Expression, parameter: string, made: [string, string][]): Value | AwkArray {
    if (arg.kind !== "variable") return this.evaluate(arg);
    const where = this.locals?.has(arg.name) === true ? this.locals : this.globals;
    const value = where.get(arg.name);
    if (value instanceof AwkArray) return value;
    if (value === undefined && arg.name !== "NF") made.push([parameter, arg.name]);
    return this.get(arg.name);
  }

  // ------------------------------------------------------------------------------------------------ statements

  run(node: Statement): Flow {
    if (++this.steps > MAX_STEPS) throw new AwkFault("the program does not end");
    switch (node.kind) {
      case "block":
        for (const each of node.body) {
          const flow = this.run(each);
          if (flow !== undefined) return flow;
        }
        return undefined;
      case "expression":
        this.evaluate(node.value);
        return undefined;
      case "print":
      case "printf":
        this.print(node.kind, node.values, node.to);
        return undefined;
      case "if":
        if (this.truth(node.test)) return this.run(node.yes);
        return node.no === undefined ? undefined : this.run(node.no);
      case "delete":
        if (node.index === undefined) this.array(node.array).clear();
        else this.array(node.array).delete(this.key(node.index));
        return undefined;
      case "return":
        this.returned = node.value === undefined ? undefined : this.evaluate(node.value);
        return "return";
      case "exit":
        if (node.value !== undefined) this.exitStatus = toNumber(this.evaluate(node.value)) & 255;
        return "exit";
      case "break":
      case "continue":
      case "next":
        return node.kind;
      default:
        return this.loop(node);
    }
  }

  private loop(node: Extract<Statement, { kind: "while" | "do" | "for" | "forIn" }>): Flow {
    if (node.kind === "forIn") {
      for (const key of this.array(node.array).keys()) {
        this.set(node.name, new InputText(key));
        const flow = this.run(node.body);
        if (flow === "break") break;
        if (flow !== undefined && flow !== "continue") return flow;
      }
      return undefined;
    }
    if (node.kind === "for" && node.start !== undefined) this.run(node.start);
    const more = (): boolean => node.test === undefined || this.truth(node.test);
    for (let go = node.kind === "do" || more(); go; go = more()) {
      const flow = this.run(node.body);
      if (flow === "break") break;
      if (flow !== undefined && flow !== "continue") return flow;
      if (node.kind === "for" && node.step !== undefined) this.run(node.step);
      if (++this.steps > MAX_STEPS) throw new AwkFault("the program does not end");
    }
    return undefined;
  }

  private print(kind: "print" | "printf", values: readonly Expression[], to: Redirection | undefined): void {
    let text: string;
    if (kind === "printf") {
      const [first, ...rest] = values.map((each) => this.evaluate(each));
      text = format(this, "printf", this.text(first), rest);
    } else if (values.length === 0) text = this.record.text + this.variableText("ORS");
    else {
      const shown = this.variableText("OFMT");
      text =
        values.map((each) => toText(this.evaluate(each), shown)).join(this.variableText("OFS")) +
        this.variableText("ORS");
    }
    const path = to === undefined ? undefined : this.text(this.evaluate(to.target));
    this.written.push({ text, to: path === undefined ? undefined : { path, append: to!.mode === "append" } });
  }
}

function holds(operator: string, order: number): boolean {
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    case ">=":
      return order >= 0;
    default:
      return order > 0;
  }
}

function arithmetic(operator: string, a: number, b: number): number {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      if (b === 0) return a === 0 ? NaN : a > 0 ? Infinity : -Infinity;
      return a / b;
    case "%":
      return a % b;
    default:
      return a ** b;
  }
}
