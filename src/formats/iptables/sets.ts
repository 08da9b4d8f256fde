import type { Given, RuleContext } from "./extension.ts";
import { wrong } from "./failure.ts";

/** IPSET_MAXNAMELEN less the final zero. */
const MAX_SET_NAME = 31;
const MAX_DIMENSIONS = 6;

/** `NAME src,dst` of the set match and the SET target. Models: libxt_set.h. */
export function parseSetArguments(
  context: RuleContext,
  option: string,
  given: Given,
): { readonly name: string; readonly dims: readonly ("src" | "dst")[] } {
  const name = given.value;
  const flags = given.more() ?? wrong(`--${option} requires two args.`);
  if (name.length > MAX_SET_NAME) wrong(`setname \`${name}' too long, max ${MAX_SET_NAME} characters.`);
  checkSet(context, name);
  const words = flags.split(",");
  if (words.length > MAX_DIMENSIONS) wrong(`Can't be more src/dst options than ${MAX_DIMENSIONS}.`);
  const dims = words.map((word) =>
    word === "src" || word === "dst"
      ? word
      : wrong("You must spefify (the comma separated list of) 'src' or 'dst'."),
  );
  return { name, dims };
}

function checkSet(context: RuleContext, name: string): void {
  if (context.setFamily === undefined) return;
  const family = context.setFamily(name);
  if (family === undefined) wrong(`Set ${name} doesn't exist.\n`);
  if (family !== "any" && family !== context.family)
    wrong(
      `The protocol family of set ${name} is ${family === "ip" ? "IPv4" : "IPv6"}, which is not applicable.\n`,
    );
}
