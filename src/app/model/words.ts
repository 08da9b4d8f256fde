/** First word of a command line, without its folder. */
export function programOf(commandLine: string): string {
  return (commandLine.split(" ")[0] ?? "").split("/").at(-1) ?? "";
}

/** Words of a shell's command line, programs among them without their folders. */
export function wordsOf(commandLine: string): ReadonlySet<string> {
  return new Set(commandLine.split(/[\s;|&()'"]+/).flatMap((word) => [word, word.split("/").at(-1) ?? ""]));
}

/** Words of a command line that can be programs: `/bin/ping` is one, `deploy/nginx` is not. */
export function programsIn(commandLine: string): ReadonlySet<string> {
  const words = commandLine
    .split(/[\s;|&()'"]+/)
    .filter((word) => word.startsWith("/") || !word.includes("/"));
  return new Set(words.map(programOf));
}
