import { decodeBase64, encodeBase64 } from "../../base/base64.ts";
import { concat, getU32, setU32 } from "../../base/bytes.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { LARGEST_DOCUMENT, parseScenario, type ScenarioProblem } from "../../scenario/read.ts";
import type { Scenario } from "../../scenario/schema.ts";

/**
 * The form in which a scenario (or what was done in it) travels in a link: `1.` and, as base64url, its JSON compressed by DEFLATE (RFC 1951) with
 * four bytes behind it that tell whether all of it has arrived (FNV-1a of the compressed bytes).
 */
const FORM = "1";

/** Characters that every program passes on; longer links get lost in some mail and chat programs. */
export const COMFORTABLE_LINK = 8_000;
/** Characters that are looked at. */
const LONGEST_LINK = 400_000;

export interface ShareProblem {
  readonly reason: ScenarioProblem["reason"] | "mangled" | "form";
  readonly detail: string;
}

export function encodeScenario(scenario: Scenario): Promise<string> {
  return packJson(scenario);
}

/** Reads what a link carries. */
export async function decodeScenario(payload: string): Promise<Result<Scenario, ShareProblem>> {
  const text = await unpackText(payload, LARGEST_DOCUMENT);
  return text.ok ? parseScenario(text.value) : text;
}

export async function packJson(value: unknown): Promise<string> {
  const json = new TextEncoder().encode(JSON.stringify(value));
  const packed = await drain(json, new CompressionStream("deflate-raw"), Infinity);
  if (packed === undefined) throw new Error("bug: compressing knows no limit");
  return `${FORM}.${toUrl(concat([packed, checksum(packed)]))}`;
}

export async function unpackJson(payload: string, largest: number): Promise<Result<unknown, ShareProblem>> {
  const text = await unpackText(payload, largest);
  if (!text.ok) return text;
  try {
    return ok(JSON.parse(text.value));
  } catch {
    return err({ reason: "json", detail: "" });
  }
}

/** A stream that unpacks to more than `largest` bytes is left unread. */
async function unpackText(payload: string, largest: number): Promise<Result<string, ShareProblem>> {
  if (payload.length > LONGEST_LINK) return err({ reason: "large", detail: String(payload.length) });
  const dot = payload.indexOf(".");
  const form = payload.slice(0, Math.max(0, dot));
  if (!/^\d{1,4}$/.test(form)) return err({ reason: "mangled", detail: "" });
  if (form !== FORM) return err({ reason: "form", detail: form });
  const bytes = fromUrl(payload.slice(dot + 1));
  if (bytes === undefined || bytes.length < 5) return err({ reason: "mangled", detail: "" });
  const packed = bytes.subarray(0, -4);
  if (getU32(checksum(packed), 0) !== getU32(bytes, packed.length))
    return err({ reason: "mangled", detail: "" });
  try {
    const text = await drain(packed, new DecompressionStream("deflate-raw"), largest);
    if (text === undefined) return err({ reason: "large", detail: "" });
    return ok(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch {
    // DecompressionStream and TextDecoder reject what is no DEFLATE and no UTF-8.
    return err({ reason: "mangled", detail: "" });
  }
}

/** All that a transformation makes of the bytes; undefined as soon as it is more than `limit`. */
async function drain(
  bytes: Uint8Array,
  transform: CompressionStream | DecompressionStream,
  limit: number,
): Promise<Uint8Array | undefined> {
  const writer = transform.writable.getWriter();
  // The reader hears of a failure too; it must not be reported twice.
  void writer.write(new Uint8Array(bytes)).catch(() => undefined);
  void writer.close().catch(() => undefined);
  const reader = transform.readable.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concat(parts);
    const part: Uint8Array = value;
    size += part.length;
    if (size > limit) {
      await reader.cancel();
      return undefined;
    }
    parts.push(part);
  }
}

function checksum(bytes: Uint8Array): Uint8Array {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  const out = new Uint8Array(4);
  setU32(out, 0, hash);
  return out;
}

function toUrl(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromUrl(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  const padded = text.replaceAll("-", "+").replaceAll("_", "/") + "=".repeat((4 - (text.length % 4)) % 4);
  const read = decodeBase64(padded);
  return read.ok ? read.value : undefined;
}
