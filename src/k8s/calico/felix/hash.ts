import { sha224, sha256 } from "@noble/hashes/sha2.js";
import { sha3_224 } from "@noble/hashes/sha3.js";
import { utf8Encode } from "../../../base/utf8.ts";
import { base64Encode } from "../../../formats/base64.ts";

/** RFC 4648, section 5, without padding. */
export function base64Url(bytes: Uint8Array): string {
  return base64Encode(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** What begins the part that a hash took the place of. */
const SHORTENED = "_";

/** `prefix` with `suffix`, or with a hash of it where that would be longer than `most`. Models: felix/hashutils GetLengthLimitedID. */
export function lengthLimited(prefix: string, suffix: string, most: number): string {
  const total = prefix.length + suffix.length;
  if (total < most || (total === most && !suffix.startsWith(SHORTENED))) return prefix + suffix;
  const hash = base64Url(sha256(utf8Encode(suffix)));
  return prefix + SHORTENED + hash.slice(0, most - SHORTENED.length - prefix.length);
}

/** `PREFIX:HASH`. Models: libcalico-go/lib/hash MakeUniqueID. */
export function uniqueId(prefix: string, content: string): string {
  return `${prefix}:${base64Url(sha224(utf8Encode(`${prefix}:${content}`)))}`;
}

/** Each line with its newline, hashed. Models: felix/rules PolicyGroup.UniqueID. */
export function linesHash(lines: readonly string[]): string {
  return base64Url(sha3_224(utf8Encode(lines.map((line) => `${line}\n`).join(""))));
}

/** How many letters of a hash tell a rule from all others. */
const RULE_HASH_LENGTH = 16;

/**
 * A name for each rule of a chain, that depends on the chain, on the rule and on all rules before it. `texts` are the
 * rules as `-A CHAIN HASH ...` with the word HASH where the comment will be.
 *
 * Models: felix/generictables/rules.go RuleHashes.
 */
export function ruleHashes(chain: string, texts: readonly string[]): readonly string[] {
  let hash = sha224(utf8Encode(chain));
  return texts.map((text) => {
    const bytes = utf8Encode(text);
    const joined = new Uint8Array(hash.length + bytes.length);
    joined.set(hash);
    joined.set(bytes, hash.length);
    hash = sha224(joined);
    return base64Url(hash).slice(0, RULE_HASH_LENGTH);
  });
}
