import { fail, refuse } from "../args/exit.ts";

/** An address of socat: `TCP-LISTEN:80,fork,reuseaddr`, `-`, `EXEC:"cat -n"`. Models: xioparse.c. */
export interface SocatAddress {
  readonly keyword: string;
  readonly parameters: readonly string[];
  readonly options: ReadonlyMap<string, string>;
}

/** Options that change nothing here. */
const IGNORED: ReadonlySet<string> = new Set([
  "nodelay",
  "keepalive",
  "su",
  "pf",
  "ignoreeof",
  "echo",
  "raw",
  "nofork",
]);
const OPTIONS: ReadonlySet<string> = new Set([
  "fork",
  "reuseaddr",
  "reuseport",
  "bind",
  "sourceport",
  "sp",
  "backlog",
  "connect-timeout",
  "max-children",
  "ttl",
  "tos",
  "so-mark",
  "so-bindtodevice",
  "interface",
  "range",
  "crlf",
  "crnl",
  "shut-none",
  "shut-down",
  "pty",
  "stderr",
  "retry",
  "interval",
  "forever",
]);

/** Takes quotes and backslashes away; splits at `separator` outside of them. */
function split(text: string, separator: string, most = Infinity): string[] {
  const out = [""];
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === "\\" && i + 1 < text.length) out[out.length - 1] += text[++i]!;
    else if (quote !== "") {
      if (c === quote) quote = "";
      else out[out.length - 1] += c;
    } else if (c === '"' || c === "'") quote = c;
    else if (c === separator && out.length < most) out.push("");
    else out[out.length - 1] += c;
  }
  return out;
}

/** The same, quotes kept: for text that is split once more. */
function splitRaw(text: string, separator: string): string[] {
  const out = [""];
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === "\\" && i + 1 < text.length) {
      out[out.length - 1] += c + text[++i]!;
      continue;
    }
    if (quote !== "" && c === quote) quote = "";
    else if (quote === "" && (c === '"' || c === "'")) quote = c;
    if (c === separator && quote === "") out.push("");
    else out[out.length - 1] += c;
  }
  return out;
}

export function parseAddress(text: string): SocatAddress {
  const [head = "", ...rest] = splitRaw(text, ",");
  const colon = head.indexOf(":");
  const keyword = (colon < 0 ? head : head.slice(0, colon)).toUpperCase();
  const body = colon < 0 ? undefined : head.slice(colon + 1);
  const isCommand = keyword === "EXEC" || keyword === "SYSTEM";
  const parameters = body === undefined ? [] : isCommand ? split(body, "\u0000") : split(body, ":");
  const options = new Map<string, string>();
  for (const word of rest) {
    const [name = "", value = "1"] = split(word, "=", 2);
    const key = name.toLowerCase();
    if (IGNORED.has(key)) continue;
    if (!OPTIONS.has(key)) refuse(`socat: option ${name}`);
    options.set(key === "sp" ? "sourceport" : key, value);
  }
  if (keyword === "") fail(1, `socat E ${text}: missing address keyword\n`);
  return { keyword, parameters, options };
}

/** `EXEC:` is run without a shell: words are separated by blanks. */
export function commandWords(text: string): string[] {
  return split(text, " ").filter((word) => word !== "");
}
