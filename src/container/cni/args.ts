import type { CniArgs } from "./plugin.ts";

/** The comma-separated values of a key of CNI_ARGS; none when it is missing or empty. */
export function cniArgument(args: CniArgs, key: string): readonly string[] {
  const pair = args.args.split(";").find((candidate) => candidate.startsWith(`${key}=`));
  return pair === undefined || pair.length === key.length + 1
    ? []
    : pair
        .slice(key.length + 1)
        .split(",")
        .map((item) => item.trim());
}
