const USAGE = "usage: flannelgraph lab [--kind FILE] [--captures DIR] [--trace FILE] SCRIPT...\n";

/** The command line; its result is the exit code. */
export function main(_args: readonly string[]): number {
  process.stderr.write(USAGE);
  return 2;
}
