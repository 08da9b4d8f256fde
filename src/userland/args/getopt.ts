/** getopt_long(3) of glibc: options and operands in any order, and its complaints word for word. */

export interface LongOption {
  readonly name: string;
  readonly argument: "none" | "required" | "optional";
  /** The short option that it stands for. */
  readonly short: string;
}

export interface GivenOption {
  /** The letter. */
  readonly letter: string;
  readonly value: string | undefined;
}

export interface Getopt {
  readonly options: readonly GivenOption[];
  readonly operands: readonly string[];
  /** What getopt printed where it met a wrong option; options after it are not read. */
  readonly complaint: string | undefined;
}

interface State {
  readonly argv: readonly string[];
  at: number;
  readonly options: GivenOption[];
  readonly operands: string[];
}

/** How a letter stands in "ab:c::": no argument, one, or an optional one in the same word; undefined: unknown. */
function argumentOf(letters: string, letter: string): LongOption["argument"] | undefined {
  if (letter === ":" || letter === ";") return undefined;
  const i = letters.indexOf(letter);
  if (i < 0) return undefined;
  if (letters[i + 1] !== ":") return "none";
  return letters[i + 2] === ":" ? "optional" : "required";
}

function readShort(name: string, letters: string, word: string, state: State): string | undefined {
  for (let i = 1; i < word.length; i++) {
    const letter = word[i]!;
    const argument = argumentOf(letters, letter);
    if (argument === undefined) return `${name}: invalid option -- '${letter}'\n`;
    if (argument === "none") {
      state.options.push({ letter, value: undefined });
      continue;
    }
    const rest = word.slice(i + 1);
    if (rest !== "" || argument === "optional") {
      state.options.push({ letter, value: rest === "" ? undefined : rest });
      return undefined;
    }
    const value = state.argv[state.at];
    if (value === undefined) return `${name}: option requires an argument -- '${letter}'\n`;
    state.at++;
    state.options.push({ letter, value });
    return undefined;
  }
  return undefined;
}

function readLong(
  name: string,
  longs: readonly LongOption[],
  word: string,
  state: State,
): string | undefined {
  const equals = word.indexOf("=");
  const key = equals < 0 ? word.slice(2) : word.slice(2, equals);
  const given = equals < 0 ? undefined : word.slice(equals + 1);
  const candidates = longs.filter((long) => long.name.startsWith(key));
  const exact = candidates.find((long) => long.name === key);
  const long = exact ?? candidates[0];
  if (long === undefined) return `${name}: unrecognized option '--${key}'\n`;
  if (exact === undefined && candidates.some((other) => other.short !== long.short)) {
    const names = candidates.map((other) => ` '--${other.name}'`).join("");
    return `${name}: option '--${key}' is ambiguous; possibilities:${names}\n`;
  }
  if (given !== undefined && long.argument === "none")
    return `${name}: option '--${long.name}' doesn't allow an argument\n`;
  let value = given;
  if (value === undefined && long.argument === "required") {
    value = state.argv[state.at];
    if (value === undefined) return `${name}: option '--${long.name}' requires an argument\n`;
    state.at++;
  }
  state.options.push({ letter: long.short, value });
  return undefined;
}

/**
 * Reads `argv` (its first word is the program). `letters` as for getopt(3); a leading + stops at the first operand.
 */
export function getopt(argv: readonly string[], letters: string, longs: readonly LongOption[] = []): Getopt {
  const name = argv[0] ?? "";
  const inOrder = letters.startsWith("+");
  const state: State = { argv, at: 1, options: [], operands: [] };
  let complaint: string | undefined;
  while (state.at < argv.length && complaint === undefined) {
    const word = argv[state.at]!;
    if (!word.startsWith("-") || word === "-") {
      if (inOrder) break;
      state.operands.push(word);
      state.at++;
      continue;
    }
    state.at++;
    if (word === "--") break;
    complaint =
      word.startsWith("--") && longs.length > 0
        ? readLong(name, longs, word, state)
        : readShort(name, letters, word, state);
  }
  return { options: state.options, operands: [...state.operands, ...argv.slice(state.at)], complaint };
}
