import { fail, refuse } from "../args/exit.ts";
import { invalidArgument, matches, type Words } from "../args/words.ts";
import type { IpOptions } from "./context.ts";
import { IP_USAGE } from "./usage.ts";

/** `ip [ OPTIONS ]`. Models: the loop in ip/ip.c main. */
export interface CommandLine {
  readonly options: IpOptions;
  readonly json: boolean;
  readonly pretty: boolean;
  /** `-n`: the name of a namespace. */
  readonly netns: string | undefined;
  /** `-batch`: the file of commands. */
  readonly batch: string | undefined;
  readonly force: boolean;
  readonly version: boolean;
}

interface Draft {
  family: IpOptions["family"];
  statistics: number;
  netns?: string;
  batch?: string;
  readonly set: Set<string>;
}

type Reader = (draft: Draft, words: Words) => void;

const flag =
  (name: string): Reader =>
  (draft) =>
    void draft.set.add(name);

function readFamily(draft: Draft, words: Words): void {
  const word = words.next() ?? fail(255, IP_USAGE);
  if (word === "help") fail(255, IP_USAGE);
  if (word === "inet" || word === "inet6") draft.family = word;
  else if (word === "link" || word === "bridge") draft.family = "link";
  else if (word === "mpls") refuse("MPLS");
  else invalidArgument("invalid protocol family", word);
}

const NO_NAME = "(null)";

/** In iproute2's order of trial; a star: the option may be cut short. */
const OPTIONS: readonly (readonly [string, Reader])[] = [
  ["-loops*", (_, words) => void words.next()],
  ["-family*", readFamily],
  ["-4", (draft) => void (draft.family = "inet")],
  ["-6", (draft) => void (draft.family = "inet6")],
  ["-0", (draft) => void (draft.family = "link")],
  ["-M", () => refuse("MPLS")],
  ["-B", (draft) => void (draft.family = "link")],
  ["-human-readable*", flag("human")],
  ["-iec*", flag("human")],
  ["-statistics*", (draft) => void (draft.statistics += 1)],
  ["-stats*", (draft) => void (draft.statistics += 1)],
  ["-details*", flag("details")],
  ["-resolve*", flag("resolve")],
  ["-oneline*", flag("oneline")],
  ["-timestamp*", flag("timestamp")],
  ["-tshort*", flag("timestamp")],
  ["-Version*", flag("version")],
  ["-force*", flag("force")],
  ["-batch*", (draft, words) => void (draft.batch = words.value())],
  ["-brief*", flag("brief")],
  ["-json*", flag("json")],
  ["-rcvbuf*", (_, words) => void words.next()],
  ["-color*", flag("color")],
  ["-color=always", flag("color")],
  ["-color=auto", flag("color")],
  ["-color=never", flag("color")],
  ["-help*", () => fail(255, IP_USAGE)],
  ["-netns*", (draft, words) => void (draft.netns = words.next() ?? NO_NAME)],
  ["-Numeric*", flag("numeric")],
  ["-all*", flag("all")],
  ["-pretty*", flag("pretty")],
  ["-echo*", flag("echo")],
];

function find(option: string): Reader | undefined {
  const entry = OPTIONS.find(([name]) =>
    name.endsWith("*") ? matches(option, name.slice(0, -1)) : name === option,
  );
  return entry?.[1];
}

/** Takes the options off `words`. */
export function readOptions(words: Words): CommandLine {
  const draft: Draft = { family: undefined, statistics: 0, set: new Set() };
  for (let word = words.peek(); word?.startsWith("-") === true; word = words.peek()) {
    words.next();
    if (word === "--") break;
    const option = word.startsWith("--") ? word.slice(1) : word;
    const read = find(option);
    if (read === undefined) fail(255, `Option "${option}" is unknown, try "ip -help".\n`);
    read(draft, words);
  }
  const { set } = draft;
  return {
    options: {
      family: draft.family,
      statistics: draft.statistics,
      details: set.has("details"),
      brief: set.has("brief"),
      oneLine: set.has("oneline"),
      numeric: set.has("numeric"),
      human: set.has("human"),
      all: set.has("all"),
    },
    json: set.has("json"),
    pretty: set.has("pretty"),
    netns: draft.netns,
    batch: draft.batch,
    force: set.has("force"),
    version: set.has("version"),
  };
}
