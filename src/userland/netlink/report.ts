import { type Json, printJson } from "./json.ts";

type Container =
  | { readonly kind: "array"; readonly items: Json[] }
  | { readonly kind: "object"; readonly members: Map<string, Json> };

/**
 * What a listing says, as text or as JSON. Models: iproute2 lib/json_print.c: one call names a fact for both, so the two
 * cannot differ.
 */
export class Report {
  readonly json: boolean;
  private readonly pretty: boolean;
  private readonly oneLine: boolean;
  private readonly parts: string[] = [];
  private isListing = false;
  private lines = false;
  private readonly open: Container[] = [{ kind: "array", items: [] }];

  constructor(options: { json: boolean; pretty?: boolean; oneLine?: boolean }) {
    this.json = options.json;
    this.pretty = options.pretty ?? false;
    this.oneLine = options.oneLine ?? false;
  }

  /** Says that this is a listing: as JSON even an empty one is printed. */
  begin(): void {
    this.isListing = true;
  }

  /** As `begin`, for a listing that ends every object with a line break, as JSON too (`ip tunnel`). */
  beginLines(): void {
    this.isListing = true;
    this.lines = true;
  }

  /** A fact: a member of the open JSON object, or `text`. A key of null is text only; a text of "" is JSON only. */
  add(key: string | null, value: Json, text: string): void {
    if (!this.json) this.parts.push(text);
    else if (key !== null) this.put(key, value);
  }

  say(text: string): void {
    if (!this.json) this.parts.push(text);
  }

  /** An element of the open JSON array. */
  item(value: Json, text: string): void {
    if (this.json) this.put("", value);
    else this.parts.push(text);
  }

  /** Where a listing breaks its line; `-o` turns it into a backslash. */
  breakLine(): void {
    this.say(this.oneLine ? "\\" : "\n");
  }

  /** One element of a JSON array (the whole report is one), or a member that is an object. */
  object(key: string | null, body: () => void): void {
    this.within({ kind: "object", members: new Map() }, key ?? "", body);
  }

  array(key: string, body: () => void): void {
    this.within({ kind: "array", items: [] }, key, body);
  }

  private within(container: Container, key: string, body: () => void): void {
    this.open.push(container);
    body();
    this.open.pop();
    this.put(key, container.kind === "array" ? container.items : container.members);
  }

  private put(key: string, value: Json): void {
    const top = this.open[this.open.length - 1];
    if (top?.kind === "array") top.items.push(value);
    else top?.members.set(key, value);
  }

  /** Everything said so far. */
  text(): string {
    if (!this.json) return this.parts.join("");
    const root = this.open[0];
    const items = root?.kind === "array" ? root.items : [];
    if (this.lines && !this.pretty && items.length > 0)
      return `[${items.map((item) => printJson(item, false)).join("\n,")}\n]\n`;
    return items.length === 0 && !this.isListing ? "" : printJson(items, this.pretty) + "\n";
  }
}
