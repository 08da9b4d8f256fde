import type {
  AndOr,
  Case,
  Command,
  CommandNode,
  CompoundCommand,
  CompoundList,
  For,
  If,
  Pipeline,
  PipelineNode,
  Redirected,
  Redirection,
  Select,
  Statement,
  SyntaxNode,
  TestExpression,
  While,
} from "unbash";
import type { FunctionDefinition } from "./shell.ts";
import type { Unit } from "./unit.ts";

const INDENT = 4;

/** The text of a command as `jobs` and the announcements show it. */
export function commandText(unit: Unit, node: SyntaxNode): string {
  const printer = new Printer(unit.text, false);
  if (node.type === "Pipeline" || node.type === "AndOr" || isCommand(node)) return printer.node(node, 0);
  return unit.text.slice(node.pos, node.end).trim();
}

/** A function as `declare -f` and `type` show it. */
export function functionText({ name, body, unit }: FunctionDefinition): string {
  return `${name} () \n${new Printer(unit.text, true).functionBody(body, 0)}`;
}

const COMMANDS = new Set(
  "Command If For ArithmeticFor Select While Subshell BraceGroup Case TestCommand ArithmeticCommand Redirected Function Coproc".split(
    " ",
  ),
);

function isCommand(node: SyntaxNode): node is CommandNode {
  return COMMANDS.has(node.type);
}

/** bash's print_cmd.c: commands in one canonical shape, words as the script has them. */
class Printer {
  private readonly source: string;
  /** Inside a function every command has a line of its own. */
  private inFunction: boolean;

  constructor(source: string, inFunction: boolean) {
    this.source = source;
    this.inFunction = inFunction;
  }

  private raw(node: { readonly pos: number; readonly end: number }): string {
    return this.source.slice(node.pos, node.end);
  }

  private line(indent: number): string {
    return `\n${" ".repeat(indent)}`;
  }

  node(node: PipelineNode | AndOr, indent: number): string {
    switch (node.type) {
      case "AndOr":
        return node.commands
          .map((each, i) => (i === 0 ? "" : ` ${node.operators[i - 1]!} `) + this.node(each, indent))
          .join("");
      case "Pipeline":
        return this.pipeline(node, indent);
      default:
        return this.command(node, indent);
    }
  }

  private pipeline(node: Pipeline, indent: number): string {
    const prefix = node.prefixes
      .map((each) => (each.type === "Negation" ? "! " : `${this.raw(each)} `))
      .join("");
    const parts = node.commands.map((each, i) => {
      const both = node.operators[i] === "|&" ? " 2>&1" : "";
      return this.command(each, indent) + both;
    });
    return prefix + parts.join(" | ");
  }

  list(statements: readonly Statement[], indent: number): string {
    let out = "";
    for (const [i, statement] of statements.entries()) {
      const text = this.node(statement.command, indent);
      out += text;
      const last = i === statements.length - 1;
      if (statement.background === true) out += last ? " &" : " & ";
      else if (!last)
        out += text.endsWith("\n") ? this.line(indent) : this.inFunction ? `;${this.line(indent)}` : "; ";
    }
    return out;
  }

  /** A list on lines of its own, and what closes it. */
  private block(list: CompoundList, indent: number, close: string): string {
    const inner = this.list(list.commands, indent + INDENT);
    return `${this.line(indent + INDENT)}${ended(inner)}${this.line(indent)}${close}`;
  }

  functionBody(body: CompoundCommand | Redirected | CompoundList, indent: number): string {
    const command = body.type === "Redirected" ? body.command : body;
    const redirects = body.type === "Redirected" ? this.redirections(body.redirects) : "";
    const before = this.inFunction;
    this.inFunction = true;
    const inner =
      command.type === "BraceGroup"
        ? this.list(command.body.commands, indent + INDENT)
        : command.type === "CompoundList"
          ? this.list(command.commands, indent + INDENT)
          : this.command(command, indent + INDENT);
    this.inFunction = before;
    return `${" ".repeat(indent)}{ ${this.line(indent + INDENT)}${inner}${this.line(indent)}}${redirects}`;
  }

  private command(node: CommandNode, indent: number): string {
    switch (node.type) {
      case "Command":
        return this.simple(node);
      case "Redirected":
        return this.command(node.command, indent) + this.redirections(node.redirects);
      case "If":
        return this.ifText(node, indent);
      case "For":
      case "Select":
        return this.forText(node, indent);
      case "ArithmeticFor": {
        const head = this.raw({ pos: node.pos, end: node.body.pos });
        const parts =
          /\(\(([\s\S]*)\)\)/
            .exec(head)?.[1]
            ?.split(";")
            .map((part) => part.trim() || "1") ?? [];
        return `for ((${parts.join("; ")}))${this.line(indent)}do${this.block(node.body, indent, "done")}`;
      }
      case "While":
        return this.whileText(node, indent);
      case "Case":
        return this.caseText(node, indent);
      case "Subshell":
        return `( ${this.list(node.body.commands, indent)} )`;
      case "BraceGroup":
        return this.group(node.body, indent);
      case "TestCommand":
        return `[[ ${this.test(node.expression)} ]]`;
      case "ArithmeticCommand":
        return `((${node.body}))`;
      case "Function":
        return `function ${node.name.text} () \n${this.functionBody(node.body, indent)}`;
      case "Coproc":
        return this.raw(node);
    }
  }

  private group(body: CompoundList, indent: number): string {
    if (!this.inFunction) return `{ ${ended(this.list(body.commands, indent))} }`;
    return `{ ${this.line(indent + INDENT)}${this.list(body.commands, indent + INDENT)}${this.line(indent)}}`;
  }

  private simple(node: Command): string {
    const words: string[] = [];
    for (const each of [...node.prefix, ...(node.name === undefined ? [] : [node.name]), ...node.suffix])
      if (each.type === "Word" || each.type === "Assignment") words.push(this.raw(each));
    const redirects = this.redirections(node.redirects);
    return words.join(" ") + (words.length === 0 ? redirects.trimStart() : redirects);
  }

  private redirections(nodes: readonly Redirection[]): string {
    let out = "";
    let documents = "";
    for (const node of nodes) {
      const descriptor =
        node.descriptor === undefined
          ? ""
          : node.descriptor.type === "FileDescriptor"
            ? String(node.descriptor.value)
            : `{${node.descriptor.name}}`;
      if (node.type === "HereDoc") {
        out += ` ${descriptor}${node.operator}${node.delimiter?.text ?? ""}`;
        documents += `\n${node.body.text}${node.delimiter?.value ?? ""}\n`;
        continue;
      }
      const target = node.target === undefined ? "" : this.raw(node.target);
      const tight = node.operator === ">&" || node.operator === "<&";
      const shown = tight && descriptor === "" ? (node.operator === ">&" ? "1" : "0") : descriptor;
      out += ` ${tight && /^[\d-]/.test(target) ? shown : descriptor}${node.operator}${tight ? "" : " "}${target}`;
    }
    return out + documents;
  }

  private ifText(node: If, indent: number): string {
    let out = `if ${ended(this.list(node.clause.commands, indent))} then`;
    let deep = indent;
    out += this.line(deep + INDENT) + ended(this.list(node.then.commands, deep + INDENT));
    for (const branch of node.elif) {
      out += `${this.line(deep)}else`;
      deep += INDENT;
      out += `${this.line(deep)}if ${ended(this.list(branch.clause.commands, deep))} then`;
      out += this.line(deep + INDENT) + ended(this.list(branch.then.commands, deep + INDENT));
    }
    if (node.else !== undefined)
      out += `${this.line(deep)}else${this.line(deep + INDENT)}${ended(this.list(node.else.commands, deep + INDENT))}`;
    for (; deep > indent; deep -= INDENT) out += `${this.line(deep)}fi;`;
    return `${out}${this.line(indent)}fi`;
  }

  private forText(node: For | Select, indent: number): string {
    const words = node.wordlist === undefined ? '"$@"' : node.wordlist.map((word) => word.text).join(" ");
    const keyword = node.type === "For" ? "for" : "select";
    return `${keyword} ${node.name.text} in ${words};${this.line(indent)}do${this.block(node.body, indent, "done")}`;
  }

  private whileText(node: While, indent: number): string {
    const clause = ended(this.list(node.clause.commands, indent));
    return `${node.kind} ${clause} do${this.block(node.body, indent, "done")}`;
  }

  private caseText(node: Case, indent: number): string {
    let out = `case ${node.word.text} in `;
    for (const item of node.items) {
      const patterns = item.pattern.map((word) => word.text).join(" | ");
      const body = this.list(item.body.commands, indent + 2 * INDENT);
      out += `${this.line(indent + INDENT)}${patterns})${body === "" ? "\n" : this.line(indent + 2 * INDENT)}${body}`;
      out += `${this.line(indent + INDENT)}${item.terminator ?? ";;"}`;
    }
    return `${out}${this.line(indent)}esac`;
  }

  private test(node: TestExpression): string {
    switch (node.type) {
      case "TestUnary":
        return `${node.operator} ${node.operand.text}`;
      case "TestBinary":
        return `${node.left.text} ${node.operator} ${node.right.text}`;
      case "TestLogical":
        return node.operands.map((each) => this.test(each)).join(` ${node.operator} `);
      case "TestNot":
        return `${"! ".repeat(node.negations.length)}${this.test(node.operand)}`;
      case "TestGroup":
        return `( ${this.test(node.expression)} )`;
    }
  }
}

/** A semicolon after a list, unless it ends in a way that needs none. */
function ended(text: string): string {
  return /[&\n]$/.test(text) ? text : `${text};`;
}
