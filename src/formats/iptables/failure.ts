/** What is wrong with a command line or a file, and how iptables says it. */
export interface Problem {
  /**
   * `parameter`: `NAME vVERSION: MESSAGE` and the hint at `-h`, status 2. `version`: with the hint at an upgrade, status 3.
   * `bare`: the message alone and the hint at `-h`, status 2. `hint`: the hint alone. `refused`: the real tool would do it,
   * we do not model it.
   */
  readonly kind: "parameter" | "version" | "bare" | "hint" | "refused";
  /** The tool's own words; they may end in a newline of their own. For `refused`, what is not modelled. */
  readonly message: string;
  /** The word at fault, as it was given, and its place in the list of words. */
  readonly token?: string;
  readonly position?: number;
  /** The option that it belongs to, as it was given. */
  readonly option?: string;
  /** What the tool had said on standard error before. */
  readonly warnings?: readonly string[];
}

/** A problem on its way to the parser's door, which turns it into a Result: nothing else catches or throws it. */
export class Failure extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

export function wrong(message: string): never {
  throw new Failure({ kind: "parameter", message });
}

/** What iptables knows and this model does not. */
export function notModelled(what: string): never {
  throw new Failure({ kind: "refused", message: what });
}

/** One line for people: the tool's words, and where. */
export function describeProblem(problem: Problem): string {
  const what = problem.kind === "refused" ? `${problem.message} is not modelled yet` : problem.message.trim();
  const place = problem.position === undefined ? "" : `, word ${problem.position + 1}`;
  const token = problem.token === undefined ? "" : ` at "${problem.token}"`;
  const option = problem.option === undefined ? "" : ` of ${problem.option}`;
  return `${what === "" ? "wrong" : what}${token}${option}${place}`;
}

/** iptables and its backend, as it calls itself. */
export const IPTABLES_VERSION = "v1.8.9 (nf_tables)";

/**
 * What the tool prints on standard error before it ends with status 2 or 3. `line` is the line of a saved rule set.
 * Not for `refused`, which the real tool does not have. Models: xtables-multi exit_error.
 */
export function problemText(problem: Problem, program: string, line?: number): string {
  const where = line === undefined ? "" : `Error occurred at line: ${line}\n`;
  const hint = `Try \`${program} -h' or '${program} --help' for more information.\n`;
  const head = `${program} ${IPTABLES_VERSION}: ${problem.message}\n`;
  switch (problem.kind) {
    case "parameter":
      return head + where + hint;
    case "version":
      return `${head}${where}Perhaps iptables or your kernel needs to be upgraded.\n`;
    case "bare":
      return `${problem.message}\n${where}${hint}`;
    case "hint":
    case "refused":
      return hint;
  }
}
