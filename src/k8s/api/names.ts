/** The alphabet of generated names: no vowels, nothing that looks alike. Models: apimachinery/pkg/util/rand. */
export const NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** FNV-1a, 32 bits, over UTF-16 units. */
function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

/**
 * The hash of a pod template as names carry it: a 32-bit number in decimal, each digit written in the names' alphabet.
 * Models: controller.ComputeHash, except that Go hashes its own dump of the structure: the form is the same, not the value.
 */
export function templateHash(canonicalJson: string): string {
  return String(fnv32a(canonicalJson)).replace(/\d/g, (digit) =>
    NAME_ALPHABET.charAt(digit.charCodeAt(0) % 27),
  );
}
