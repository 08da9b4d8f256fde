import type { Task } from "../../sim/task.ts";
import type { Process } from "../os/process.ts";
import { getOptions } from "../text/getopt.ts";
import { readInput } from "../text/lines.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const WRAP = 76;

export function encodeBase64(bytes: Uint8Array): string {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const left = bytes.length - i;
    out += ALPHABET[(word >> 18) & 63]! + ALPHABET[(word >> 12) & 63]!;
    out += left > 1 ? ALPHABET[(word >> 6) & 63]! : "=";
    out += left > 2 ? ALPHABET[word & 63]! : "=";
  }
  return out;
}

/** Undefined when the text is no base64. White space is passed over. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const clean = text.replace(/\s/g, "").replace(/=+$/, "");
  if (/[^A-Za-z0-9+/]/.test(clean) || clean.length % 4 === 1) return undefined;
  const out = new Uint8Array(Math.floor((clean.length * 3) / 4));
  let bits = 0;
  let word = 0;
  let at = 0;
  for (const c of clean) {
    word = ((word << 6) | ALPHABET.indexOf(c)) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out[at++] = (word >> bits) & 255;
  }
  return out;
}

/** base64(1). */
export function* base64(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "diw:",
    long: { decode: "d", "ignore-garbage": "i", wrap: "w" },
  });
  if (typeof options === "number") return options;
  const path = options.operands[0] ?? "-";
  const read = yield* readInput(process, path);
  if ("error" in read) {
    yield* process.printError(`base64: ${path}: ${read.error}\n`);
    return 1;
  }
  if (options.has("d")) {
    const text = String.fromCharCode(...read.bytes);
    const decoded = decodeBase64(options.has("i") ? text.replace(/[^A-Za-z0-9+/=]/g, "") : text);
    if (decoded === undefined) {
      yield* process.printError("base64: invalid input\n");
      return 1;
    }
    yield* process.stdout.write(decoded);
    return 0;
  }
  const encoded = encodeBase64(read.bytes);
  const width = Number(options.get("w") ?? WRAP);
  if (width === 0) yield* process.print(encoded);
  else yield* process.print(encoded.replace(new RegExp(`.{1,${width}}`, "g"), "$&\n"));
  return 0;
}
