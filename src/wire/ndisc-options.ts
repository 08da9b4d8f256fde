import { err, ok, type Result } from "../base/result.ts";
import { formatMac, readMac, writeMac, type Mac } from "./address.ts";

/** Options of neighbour discovery (RFC 4861, section 4.6). */

export const ND_OPT_SOURCE_LL_ADDR = 1;
export const ND_OPT_TARGET_LL_ADDR = 2;
/** Random bytes by which a probe for duplicates knows its own echo (RFC 7527, section 4). */
export const ND_OPT_NONCE = 14;

export type NdiscOption =
  | { readonly kind: "source-link" | "target-link"; readonly mac: Mac }
  /** Data of 8n - 2 bytes. */
  | { readonly kind: "other"; readonly type: number; readonly data: Uint8Array };

export function decodeNdiscOptions(
  b: Uint8Array,
  from: number,
  to: number,
): Result<NdiscOption[], "bad-option"> {
  const out: NdiscOption[] = [];
  for (let o = from; o < to;) {
    const length = o + 1 < to ? b[o + 1]! << 3 : 0;
    if (length === 0 || o + length > to) return err("bad-option");
    const type = b[o]!;
    const link = (type === ND_OPT_SOURCE_LL_ADDR || type === ND_OPT_TARGET_LL_ADDR) && length === 8;
    if (link) {
      const kind = type === ND_OPT_SOURCE_LL_ADDR ? "source-link" : "target-link";
      out.push({ kind, mac: readMac(b, o + 2) });
    } else out.push({ kind: "other", type, data: b.subarray(o + 2, o + length) });
    o += length;
  }
  return ok(out);
}

function encodeOne(option: NdiscOption): Uint8Array {
  if (option.kind === "other") {
    const out = new Uint8Array(2 + option.data.length);
    out[0] = option.type;
    out[1] = out.length >>> 3;
    out.set(option.data, 2);
    return out;
  }
  const out = new Uint8Array(8);
  out[0] = option.kind === "source-link" ? ND_OPT_SOURCE_LL_ADDR : ND_OPT_TARGET_LL_ADDR;
  out[1] = 1;
  writeMac(out, 2, option.mac);
  return out;
}

export function encodeNdiscOptions(options: readonly NdiscOption[]): Uint8Array {
  const parts = options.map(encodeOne);
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** `source link-address 02:00:00:00:00:0a`, as tcpdump -v names options. */
export function ndiscOptionText(option: NdiscOption): string {
  if (option.kind === "other") return option.type === ND_OPT_NONCE ? "nonce" : `option ${option.type}`;
  return `${option.kind === "source-link" ? "source" : "destination"} link-address ${formatMac(option.mac)}`;
}
