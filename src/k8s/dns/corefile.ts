import { err, ok, type Result } from "../../base/result.ts";

/** What a Corefile asks for, as far as the model knows it. Source: coredns.io/manual/toc, plugin/*.md (Apache-2.0). */
export interface CoreConfig {
  readonly port: number;
  /** Zones of the kubernetes plugin, cluster zone first; empty without it. */
  readonly zones: readonly string[];
  readonly ttl: number;
  readonly pods: "disabled" | "insecure" | "verified";
  /** Zones in which what is not known is handed on; "." for all. */
  readonly fallthrough: readonly string[];
  readonly ignoreEmptyService: boolean;
  readonly endpointPodNames: boolean;
  /** `forward . FILE-OR-ADDRESS`. */
  readonly forwardTo: readonly string[];
  readonly log: boolean;
  readonly health: boolean;
  readonly ready: boolean;
  readonly metrics: boolean;
}

/** Plugins that change nothing that is to be seen here, and those that are read below. */
const KNOWN = new Set(
  "errors health ready kubernetes prometheus forward cache loop reload loadbalance log bind whoami".split(
    " ",
  ),
);

interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly block: readonly (readonly string[])[];
  readonly line: number;
}

/** Words by line, comments off. */
function lines(text: string): readonly { words: readonly string[]; line: number }[] {
  return text.split("\n").flatMap((raw, i) => {
    const words = raw.replace(/#.*$/, "").trim().split(/\s+/);
    return words[0] === "" ? [] : [{ words, line: i + 1 }];
  });
}

/** The directives of the first server block; the error is CoreDNS's. */
function directives(text: string): Result<{ keys: readonly string[]; list: readonly Directive[] }, string> {
  const all = lines(text);
  const first = all[0];
  if (first?.words.at(-1) !== "{") return err("Corefile:1 - Error during parsing: Unexpected EOF");
  const keys = first.words.slice(0, -1);
  const list: Directive[] = [];
  let open: { name: string; args: readonly string[]; block: (readonly string[])[]; line: number } | undefined;
  for (const { words, line } of all.slice(1)) {
    if (open !== undefined) {
      if (words[0] === "}") {
        list.push(open);
        open = undefined;
      } else open.block.push(words);
      continue;
    }
    const [name = "", ...args] = words;
    if (name === "}") return ok({ keys, list });
    if (!KNOWN.has(name)) return err(`Corefile:${line} - Error during parsing: Unknown directive '${name}'`);
    if (args.at(-1) === "{") open = { name, args: args.slice(0, -1), block: [], line };
    else list.push({ name, args, block: [], line });
  }
  return err(`Corefile:${all.length} - Error during parsing: Unexpected EOF`);
}

export function parseCorefile(text: string): Result<CoreConfig, string> {
  const parsed = directives(text);
  if (!parsed.ok) return parsed;
  const { keys, list } = parsed.value;
  const of = (name: string): Directive | undefined => list.find((directive) => directive.name === name);
  const option = (directive: Directive | undefined, name: string): readonly string[] | undefined =>
    directive?.block.find(([word]) => word === name)?.slice(1);
  const kubernetes = of("kubernetes");
  const pods = option(kubernetes, "pods")?.[0];
  const fallthrough = option(kubernetes, "fallthrough");
  return ok({
    port: Number(/:(\d+)$/.exec(keys[0] ?? "")?.[1] ?? "53"),
    zones: kubernetes?.args ?? [],
    ttl: Number(option(kubernetes, "ttl")?.[0] ?? "5"),
    pods: pods === "insecure" || pods === "verified" ? pods : "disabled",
    fallthrough: fallthrough === undefined ? [] : fallthrough.length === 0 ? ["."] : fallthrough,
    ignoreEmptyService: option(kubernetes, "ignore")?.[0] === "empty_service",
    endpointPodNames: option(kubernetes, "endpoint_pod_names") !== undefined,
    forwardTo: of("forward")?.args.slice(1) ?? [],
    log: of("log") !== undefined,
    health: of("health") !== undefined,
    ready: of("ready") !== undefined,
    metrics: of("prometheus") !== undefined,
  });
}
