import { getU32, setU32 } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";

/** The Encapsulating Security Payload (RFC 4303, section 2): the clear header only; what follows is encrypted. */

export const ESP_HEADER = 8;

/** Security parameters index: which association the receiver decrypts with. */
export function espSpi(b: Uint8Array, o: number): number {
  return getU32(b, o);
}

export function espSequence(b: Uint8Array, o: number): number {
  return getU32(b, o + 4);
}

export function writeEsp(b: Uint8Array, o: number, spi: number, sequence: number): void {
  setU32(b, o, spi);
  setU32(b, o + 4, sequence);
}

export interface Esp {
  readonly spi: number;
  readonly sequence: number;
  /** Initialisation vector, ciphertext and integrity value. */
  readonly payload: Uint8Array;
}

export type EspError = "truncated";

export function decodeEsp(b: Uint8Array, from = 0, to = b.length): Result<Esp, EspError> {
  if (to - from < ESP_HEADER) return err("truncated");
  return ok({
    spi: espSpi(b, from),
    sequence: espSequence(b, from),
    payload: b.subarray(from + ESP_HEADER, to),
  });
}

export function encodeEsp(e: Esp): Uint8Array {
  const out = new Uint8Array(ESP_HEADER + e.payload.length);
  writeEsp(out, 0, e.spi, e.sequence);
  out.set(e.payload, ESP_HEADER);
  return out;
}

/** As tcpdump prints it: `ESP(spi=0x00001001,seq=0x1), length 48`. */
export function espSummary(e: Esp): string {
  const spi = e.spi.toString(16).padStart(8, "0");
  return `ESP(spi=0x${spi},seq=0x${e.sequence.toString(16)}), length ${ESP_HEADER + e.payload.length}`;
}
