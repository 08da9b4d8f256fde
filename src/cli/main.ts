import { bench } from "./bench.ts";
import { benchPage } from "./bench-page.ts";
import { lab } from "./lab.ts";

const USAGE = `usage: flannelgraph COMMAND ...

  lab [--kind FILE] [--captures DIR] [--trace FILE] SCRIPT...
        runs shell scripts in a simulated machine, as one bash would source them
  bench [page | replicas]
        measures the engine, beside this machine's kernel, and the page in Chromium; or only the page, or only
        300 replicas beside @ngrok/webernetes
`;

/** The command line; its result is the exit code. */
export function main(args: readonly string[]): number {
  const [command, ...rest] = args;
  switch (command) {
    case "lab":
      return lab(rest);
    case "bench":
      if (rest[0] === "page") return benchPage();
      return ["scale", "replicas", "replicas-here"].includes(rest[0] ?? "")
        ? bench(rest)
        : Math.max(bench(), benchPage());
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
