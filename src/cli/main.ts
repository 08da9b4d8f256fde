import { bench } from "./bench.ts";
import { benchPage } from "./bench-page.ts";
import { lab } from "./lab.ts";

const USAGE = `usage: flannelgraph COMMAND ...

  lab [--kind FILE] [--captures DIR] [--trace FILE] SCRIPT...
        runs shell scripts in a simulated machine, as one bash would source them
  bench [page]
        measures the engine, beside this machine's kernel, and the page in Chromium; or only the page
`;

/** The command line; its result is the exit code. */
export function main(args: readonly string[]): number {
  const [command, ...rest] = args;
  switch (command) {
    case "lab":
      return lab(rest);
    case "bench":
      if (rest[0] === "page") return benchPage();
      return rest[0] === "scale" ? bench(rest) : Math.max(bench(), benchPage());
    case "help":
    case "--help":
    case "-h":
      process.stdout.write(USAGE);
      return 0;
    default:
      process.stderr.write(
        command === undefined ? USAGE : `flannelgraph: unknown command "${command}"\n${USAGE}`,
      );
      return 2;
  }
}
