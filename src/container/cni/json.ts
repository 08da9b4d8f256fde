import { err, ok, type Result } from "../../base/result.ts";

/** A JSON value as Go programs hold it. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function stringOf(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

class SyntaxFault extends Error {}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/**
 * Reads JSON and words its errors as Go's encoding/json does: the components modelled here are Go programs, and what
 * they say about a broken file is what their users see.
 *
 * Models: encoding/json scanner (go 1.24).
 */
class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): Json {
    const value = this.value();
    this.space();
    if (this.at < this.text.length) throw this.unexpected("after top-level value");
    return value;
  }

  private value(): Json {
    this.space();
    const c = this.peek();
    if (c === "{") return this.object();
    if (c === "[") return this.array();
    if (c === '"') return this.string();
    if (c === "t") return this.literal("true", true);
    if (c === "f") return this.literal("false", false);
    if (c === "n") return this.literal("null", null);
    if (c === "-" || (c >= "0" && c <= "9")) return this.number();
    throw this.unexpected("looking for beginning of value");
  }

  private object(): JsonObject {
    const out: Record<string, Json> = {};
    this.at++;
    this.space();
    if (this.peek() === "}") {
      this.at++;
      return out;
    }
    for (;;) {
      this.space();
      if (this.peek() !== '"') throw this.unexpected("looking for beginning of object key string");
      const key = this.string();
      this.space();
      if (this.peek() !== ":") throw this.unexpected("after object key");
      this.at++;
      out[key] = this.value();
      this.space();
      const end = this.peek();
      if (end !== "}" && end !== ",") throw this.unexpected("after object key:value pair");
      this.at++;
      if (end === "}") return out;
    }
  }

  private array(): Json[] {
    const out: Json[] = [];
    this.at++;
    this.space();
    if (this.peek() === "]") {
      this.at++;
      return out;
    }
    for (;;) {
      out.push(this.value());
      this.space();
      const end = this.peek();
      if (end !== "]" && end !== ",") throw this.unexpected("after array element");
      this.at++;
      if (end === "]") return out;
    }
  }

  private string(): string {
    let out = "";
    this.at++;
    for (;;) {
      const c = this.peek();
      if (c === '"') break;
      if (c < " ") throw this.unexpected("in string literal");
      this.at++;
      out += c === "\\" ? this.escape() : c;
    }
    this.at++;
    return out;
  }

  private escape(): string {
    const c = this.peek();
    const simple = SIMPLE_ESCAPES[c];
    if (simple !== undefined) {
      this.at++;
      return simple;
    }
    if (c !== "u") throw this.unexpected("in string escape code");
    this.at++;
    let code = 0;
    for (let i = 0; i < 4; i++, this.at++) {
      const digit = parseInt(this.peek(), 16);
      if (Number.isNaN(digit)) throw this.unexpected("in \\u hexadecimal character escape");
      code = code * 16 + digit;
    }
    return String.fromCharCode(code);
  }

  private number(): number {
    const m = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/.exec(this.text.slice(this.at));
    if (m === null) {
      this.at++;
      throw this.unexpected("in numeric literal");
    }
    this.at += m[0].length;
    return Number(m[0]);
  }

  private literal(word: string, value: boolean | null): boolean | null {
    for (let i = 0; i < word.length; i++, this.at++)
      if (this.peek() !== word[i]) throw this.unexpected(`in literal ${word} (expecting '${word[i] ?? ""}')`);
    return value;
  }

  private space(): void {
    while (/[ \t\r\n]/.test(this.text[this.at] ?? "x")) this.at++;
  }

  private peek(): string {
    const c = this.text[this.at];
    if (c === undefined) throw new SyntaxFault("unexpected end of JSON input");
    return c;
  }

  private unexpected(context: string): SyntaxFault {
    const c = this.text[this.at];
    if (c === undefined) return new SyntaxFault("unexpected end of JSON input");
    return new SyntaxFault(`invalid character ${quoteChar(c)} ${context}`);
  }
}

/** encoding/json quoteChar. */
function quoteChar(c: string): string {
  if (c === "'") return `'\\''`;
  if (c === '"') return `'"'`;
  const named: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b" };
  return `'${named[c] ?? c}'`;
}

export function parseJson(text: string): Result<Json, string> {
  try {
    return ok(new Reader(text).document());
  } catch (fault) {
    if (fault instanceof SyntaxFault) return err(fault.message);
    throw fault;
  }
}

/** As parseJson, for a text that must be an object; `goType` is what Go would have decoded into. */
export function parseObject(text: string, goType: string): Result<JsonObject, string> {
  const parsed = parseJson(text);
  if (!parsed.ok) return parsed;
  if (isObject(parsed.value)) return ok(parsed.value);
  return err(`json: cannot unmarshal ${kindOf(parsed.value)} into Go value of type ${goType}`);
}

/** The word that Go's UnmarshalTypeError has for a value. */
export function kindOf(value: Json): string {
  if (isArray(value)) return "array";
  if (typeof value === "object") return value === null ? "null" : "object";
  return typeof value === "boolean" ? "bool" : typeof value;
}

/** Go's json.Marshal of a map: no spaces, keys in order; `indent` as in json.MarshalIndent. */
export function marshal(value: Json, indent = "", sortKeys = true): string {
  const render = (v: Json, pad: string): string => {
    if (isArray(v)) {
      if (v.length === 0) return "[]";
      return wrap(
        "[",
        "]",
        v.map((item) => render(item, pad + indent)),
        pad,
      );
    }
    if (!isObject(v)) return typeof v === "string" ? quote(v) : String(v);
    const keys = Object.keys(v).filter((key) => v[key] !== undefined);
    if (sortKeys) keys.sort();
    if (keys.length === 0) return "{}";
    const colon = indent === "" ? ":" : ": ";
    return wrap(
      "{",
      "}",
      keys.map((key) => quote(key) + colon + render(v[key] ?? null, pad + indent)),
      pad,
    );
  };
  const wrap = (open: string, close: string, items: readonly string[], pad: string): string =>
    indent === ""
      ? open + items.join(",") + close
      : `${open}\n${items.map((item) => pad + indent + item).join(",\n")}\n${pad}${close}`;
  return render(value, "");
}

/** Go escapes what HTML would trip over. */
function quote(text: string): string {
  return JSON.stringify(text).replace(/[<>&]/g, (c) => "\\u00" + c.charCodeAt(0).toString(16));
}
