/**
 * The words of one line of a saved rule set: blanks separate, double quotes hold a word together, a backslash in quotes
 * takes the next character as it is. Models: xshared.c add_param_to_argv.
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word = "";
  let quoted = false;
  let open = false;
  let escaped = false;
  for (const char of line) {
    if (quoted) {
      if (escaped) {
        word += char;
        escaped = false;
      } else if (char === "\\") escaped = true;
      else if (char === '"') {
        quoted = false;
        open = true;
      } else word += char;
    } else if (char === '"') {
      quoted = true;
      open = true;
    } else if (char === " " || char === "\t" || char === "\n") {
      if (word !== "" || open) words.push(word);
      word = "";
      open = false;
    } else word += char;
  }
  if (word !== "" || (open && !quoted)) words.push(word);
  return words;
}

const PLAIN = /^[A-Za-z0-9_-]+$/;

/** A text as one word that splitWords gives back: quoted unless it is plain. Models: libxtables xtables_save_string. */
export function quoteWord(text: string): string {
  if (PLAIN.test(text)) return text;
  return `"${text.replace(/["\\']/g, "\\$&")}"`;
}
