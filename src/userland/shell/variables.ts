/** What a name holds. An indexed array is sparse; both kinds of array keep the order of insertion only for associative ones. */
export type Value =
  | { readonly kind: "unset" }
  | { readonly kind: "scalar"; text: string }
  | { readonly kind: "indexed"; readonly items: Map<number, string> }
  | { readonly kind: "associative"; readonly items: Map<string, string> };

/** The attributes that `declare` sets. */
export interface Attributes {
  exported: boolean;
  readonly: boolean;
  integer: boolean;
  lower: boolean;
  upper: boolean;
  /** `declare -n`: the value is the name of another variable. */
  reference: boolean;
}

export class Variable {
  value: Value;
  exported = false;
  readonly = false;
  integer = false;
  lower = false;
  upper = false;
  reference = false;

  constructor(value: Value = { kind: "unset" }) {
    this.value = value;
  }

  /** `$name`: of an array, element 0. Undefined when unset. */
  get text(): string | undefined {
    switch (this.value.kind) {
      case "unset":
        return undefined;
      case "scalar":
        return this.value.text;
      case "indexed":
        return this.value.items.get(0);
      case "associative":
        return this.value.items.get("0");
    }
  }

  copy(): Variable {
    const twin = new Variable(copyValue(this.value));
    const { exported, readonly, integer, lower, upper, reference } = this;
    return Object.assign(twin, { exported, readonly, integer, lower, upper, reference });
  }

  /** Keys of an array in the order that `${!a[@]}` gives. */
  keys(): string[] {
    switch (this.value.kind) {
      case "unset":
        return [];
      case "scalar":
        return ["0"];
      case "indexed":
        return sortedKeys(this.value.items).map(String);
      case "associative":
        return [...this.value.items.keys()];
    }
  }

  /** Elements in the order of the keys. */
  elements(): string[] {
    switch (this.value.kind) {
      case "unset":
        return [];
      case "scalar":
        return [this.value.text];
      case "indexed": {
        const { items } = this.value;
        return sortedKeys(items).map((key) => items.get(key) ?? "");
      }
      case "associative":
        return [...this.value.items.values()];
    }
  }
}

function sortedKeys(items: ReadonlyMap<number, string>): number[] {
  return [...items.keys()].sort((a, b) => a - b);
}

function copyValue(value: Value): Value {
  switch (value.kind) {
    case "unset":
      return value;
    case "scalar":
      return { kind: "scalar", text: value.text };
    case "indexed":
      return { kind: "indexed", items: new Map(value.items) };
    case "associative":
      return { kind: "associative", items: new Map(value.items) };
  }
}

/** Variables that are computed when they are read; `set` absent: assignments are dropped. */
export interface DynamicVariable {
  get(): Variable;
  set?(text: string): void;
}

export function scalar(text: string): Variable {
  return new Variable({ kind: "scalar", text });
}

export function indexed(items: readonly string[]): Variable {
  return new Variable({ kind: "indexed", items: new Map(items.entries()) });
}

interface Scope {
  /** `command`: the assignments before a command, `a=1 command`. */
  readonly kind: "global" | "function" | "command";
  readonly variables: Map<string, Variable>;
}

/** bash's variables: the global ones, and those of each function call that is under way, the innermost first. */
export class Variables {
  private scopes: Scope[] = [{ kind: "global", variables: new Map() }];
  private readonly dynamic = new Map<string, DynamicVariable>();

  /** A copy for a subshell; the dynamic variables are the new shell's to define. */
  copy(): Variables {
    const twin = new Variables();
    twin.scopes = this.scopes.map(({ kind, variables }) => ({
      kind,
      variables: new Map([...variables].map(([name, variable]) => [name, variable.copy()])),
    }));
    return twin;
  }

  define(name: string, variable: DynamicVariable): void {
    this.dynamic.set(name, variable);
  }

  push(kind: "function" | "command"): void {
    this.scopes.push({ kind, variables: new Map() });
  }

  pop(): void {
    this.scopes.pop();
  }

  get inFunction(): boolean {
    return this.scopes.some((scope) => scope.kind === "function");
  }

  /** The variable as it is, a reference not followed. */
  raw(name: string): Variable | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const variable = this.scopes[i]!.variables.get(name);
      if (variable !== undefined) return variable;
    }
    return this.dynamic.get(name)?.get();
  }

  /** The name at the end of a chain of references. */
  resolve(name: string): string {
    let at = name;
    for (let hops = 0; hops < 16; hops++) {
      const variable = this.raw(at);
      if (variable?.reference !== true || variable.text === undefined) return at;
      at = variable.text;
    }
    return name;
  }

  get(name: string): Variable | undefined {
    return this.raw(this.resolve(name));
  }

  text(name: string): string | undefined {
    return this.get(name)?.text;
  }

  /** The variable to assign to, made in the outermost scope when there is none. */
  ensure(name: string): Variable {
    const at = this.resolve(name);
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const variable = this.scopes[i]!.variables.get(at);
      if (variable !== undefined) return variable;
    }
    const made = this.dynamic.get(at)?.get() ?? new Variable();
    if (!this.dynamic.has(at)) this.scopes[0]!.variables.set(at, made);
    return made;
  }

  /** What `declare` in a function makes: the function's own variable, whatever lies below. */
  ensureLocal(name: string): Variable {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const scope = this.scopes[i]!;
      if (scope.kind !== "function") continue;
      const known = scope.variables.get(name);
      if (known !== undefined) return known;
      const made = new Variable();
      const temporary = this.scopes[i - 1];
      const inherited = temporary?.kind === "command" ? temporary.variables.get(name) : undefined;
      if (inherited !== undefined) {
        made.value = copyValue(inherited.value);
        made.exported = inherited.exported;
      }
      scope.variables.set(name, made);
      return made;
    }
    return this.ensure(name);
  }

  ensureGlobal(name: string): Variable {
    const variables = this.scopes[0]!.variables;
    const known = variables.get(name) ?? new Variable();
    variables.set(name, known);
    return known;
  }

  /** Puts a variable into the innermost scope: for `a=1 command`. */
  setHere(name: string, variable: Variable): void {
    this.scopes[this.scopes.length - 1]!.variables.set(name, variable);
  }

  /** Hands the text to a dynamic variable; false when `name` is none. */
  setDynamic(name: string, text: string): boolean {
    if (this.scopes.some((scope) => scope.variables.has(name))) return false;
    const dynamic = this.dynamic.get(name);
    dynamic?.set?.(text);
    return dynamic !== undefined;
  }

  set(name: string, text: string): void {
    const at = this.resolve(name);
    if (!this.setDynamic(at, text)) this.ensure(at).value = { kind: "scalar", text };
  }

  unset(name: string): void {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const { kind, variables } = this.scopes[i]!;
      const variable = variables.get(name);
      if (variable === undefined) continue;
      // A local that is unset stays local to its function.
      if (kind === "function") variables.set(name, new Variable());
      else variables.delete(name);
      return;
    }
    this.dynamic.delete(name);
  }

  /** All names that have a variable, sorted as bash lists them. */
  names(): string[] {
    const names = new Set<string>();
    for (const scope of this.scopes) for (const name of scope.variables.keys()) names.add(name);
    for (const name of this.dynamic.keys()) names.add(name);
    return [...names].sort();
  }

  /** The innermost function's own variables, sorted. */
  localNames(): string[] {
    const scope = this.scopes.findLast((each) => each.kind === "function");
    return [...(scope?.variables.keys() ?? [])].sort();
  }

  /** The environment of a command. */
  environment(): Map<string, string> {
    const visible = new Map<string, Variable>();
    for (const scope of this.scopes)
      for (const [name, variable] of scope.variables) visible.set(name, variable);
    const out = new Map<string, string>();
    for (const [name, variable] of visible)
      if (variable.exported && variable.value.kind === "scalar") out.set(name, variable.value.text);
    return out;
  }
}
