import { compareText, isList, isRecord, jsonText } from "./json.ts";

/**
 * YAML as `kubectl -o yaml` writes it: keys sorted, sequences at the indent of their key, text plain where it can be,
 * folded after column 80. Models: sigs.k8s.io/yaml with goyaml.v2's emitter.
 */

const BEST_WIDTH = 80;

export function printYaml(value: unknown): string {
  if (isRecord(value) && keysOf(value).length > 0) return mapping(value, 0, "");
  if (isList(value) && value.length > 0) return sequence(value, 0);
  return `${scalar(value, 0, 0)}\n`;
}

function keysOf(value: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .toSorted(compareText);
}

/** `first` is what stands before the first key instead of the indent (`- ` of a sequence). */
function mapping(value: Readonly<Record<string, unknown>>, indent: number, first: string): string {
  const pad = " ".repeat(indent);
  let out = "";
  for (const key of keysOf(value)) {
    const lead = (out === "" && first !== "" ? first : pad) + `${scalar(key, 0, 0)}:`;
    out += lead + entry(value[key], indent, lead.length);
  }
  return out;
}

function entry(item: unknown, indent: number, column: number): string {
  if (isRecord(item) && keysOf(item).length > 0) return `\n${mapping(item, indent + 2, "")}`;
  if (isList(item) && item.length > 0) return `\n${sequence(item, indent)}`;
  return ` ${scalar(item, indent + 2, column + 1)}\n`;
}

function sequence(items: readonly unknown[], indent: number): string {
  const lead = `${" ".repeat(indent)}- `;
  let out = "";
  for (const item of items) {
    if (isRecord(item) && keysOf(item).length > 0) out += mapping(item, indent + 2, lead);
    else if (isList(item) && item.length > 0) out += lead + sequence(item, indent + 2).trimStart();
    else out += `${lead}${scalar(item, indent + 2, indent + 2)}\n`;
  }
  return out;
}

/** A scalar that begins at `column`; its further lines begin at `indent`. */
function scalar(value: unknown, indent: number, column: number): string {
  if (isRecord(value)) return "{}";
  if (isList(value)) return "[]";
  if (typeof value !== "string") return value === undefined ? "null" : jsonText(value);
  if (value.includes("\n") && !/[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]/.test(value))
    return literal(value, indent);
  if (resolvesToOther(value)) return fold(JSON.stringify(value), indent, column);
  if (/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]/.test(value)) return JSON.stringify(value);
  if (plainAllowed(value)) return fold(value, indent, column);
  return fold(`'${value.replaceAll("'", "''")}'`, indent, column);
}

function literal(value: string, indent: number): string {
  const chomp = !value.endsWith("\n") ? "-" : value.endsWith("\n\n") || value === "\n" ? "+" : "";
  const hint = /^[ \n]/.test(value) ? "2" : "";
  const body = value.endsWith("\n") ? value.slice(0, -1) : value;
  const lines = body.split("\n").map((line) => (line === "" ? "" : " ".repeat(indent) + line));
  return `|${hint}${chomp}\n${lines.join("\n")}`;
}

/** Plain, it would be read back as something that is not text. */
function resolvesToOther(value: string): boolean {
  return (
    value === "" ||
    /^(?:~|null|Null|NULL|<<|y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF|true|True|TRUE|false|False|FALSE)$/.test(
      value,
    ) ||
    /^[-+]?(?:\d[\d_]*\.?[\d_]*|\.\d+)(?:[eE][-+]?\d+)?$/.test(value) ||
    /^[-+]?(?:0x[\da-fA-F]+|0o?[0-7]+|0b[01]+|\.inf|\.Inf|\.INF|\.nan|\.NaN|\.NAN)$/.test(value) ||
    /^\d{4}-\d\d?-\d\d?(?:[Tt ].*)?$/.test(value)
  );
}

/** Models: goyaml's yaml_emitter_analyze_scalar, for a block context. */
function plainAllowed(value: string): boolean {
  if (/^(?:---|\.\.\.)/.test(value)) return false;
  if (/^[#,[\]{}&*!|>'"%@`]/.test(value)) return false;
  if (/^[?:-](?:\s|$)/.test(value)) return false;
  if (/:(?:\s|$)/.test(value) || /\s#/.test(value)) return false;
  return !/^ | $/.test(value);
}

/** Breaks the line at the first single space after column 80. */
function fold(text: string, indent: number, column: number): string {
  let at = column;
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const here = text[i]!;
    const single = here === " " && text[i - 1] !== " " && text[i + 1] !== " " && text[i + 1] !== undefined;
    if (single && i > 0 && at > BEST_WIDTH) {
      out += `\n${" ".repeat(indent)}`;
      at = indent;
    } else {
      out += here;
      at++;
    }
  }
  return out;
}
