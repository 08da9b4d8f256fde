import type { SyntaxNode } from "unbash";
import type { FunctionDefinition } from "./shell.ts";
import type { Unit } from "./unit.ts";

/** The text of a command as `jobs` and the announcements show it. */
export function commandText(unit: Unit, node: SyntaxNode): string {
  return unit.text
    .slice(node.pos, node.end)
    .replace(/\s*\n\s*/g, " ")
    .trim();
}

/** A function as `declare -f` and `type` show it. */
export function functionText(definition: FunctionDefinition): string {
  return `${definition.name} () \n${definition.unit.text.slice(definition.body.pos, definition.body.end)}`;
}
