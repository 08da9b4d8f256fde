import { err, ok, type Result } from "../../base/result.ts";

/** How long answers are kept, in seconds; zones whose answers are not. */
export interface CacheConfig {
  readonly success: { readonly most: number; readonly least: number; readonly not: readonly string[] };
  readonly denial: { readonly most: number; readonly least: number; readonly not: readonly string[] };
}

/** One server block of a Corefile, as far as the model knows it. Source: coredns.io/manual/toc, plugin/*.md (Apache-2.0). */
export interface CoreConfig {
  /** The zones that it serves, with a final dot; "." is all. */
  readonly serves: readonly string[];
  readonly port: number;
  /** Addresses of `bind`; empty is all. */
  readonly bind: readonly string[];
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
  readonly forceTcp: boolean;
  readonly cache: CacheConfig | undefined;
  readonly log: boolean;
  /** Where these are answered over HTTP: `ADDRESS:PORT`, the address may be empty. */
  readonly health: string | undefined;
  readonly ready: string | undefined;
  readonly metrics: string | undefined;
}

/** Plugins that change nothing that is to be seen here, and those that are read below. */
const KNOWN = new Set(
  "errors health ready kubernetes prometheus forward cache loop reload loadbalance log bind whoami".split(
    " ",
  ),
);

/** Plugins that CoreDNS comes with and the model does not. */
const NOT_MODELLED = new Set(
  "acl any auto autopath azure bufsize cancel chaos clouddns debug dns64 dnssec dnstap erratic etcd file geoip grpc header hosts import k8s_external local metadata minimal multisocket nomad nsid pprof quic rewrite root route53 secondary sign template timeouts tls trace transfer tsig view".split(
    " ",
  ),
);

interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly block: readonly (readonly string[])[];
  readonly line: number;
}

interface Block {
  readonly keys: readonly string[];
  readonly list: readonly Directive[];
}

/** Words by line, comments off. */
function lines(text: string): readonly { words: readonly string[]; line: number }[] {
  return text.split("\n").flatMap((raw, i) => {
    const words = raw.replace(/#.*$/, "").trim().split(/\s+/);
    return words[0] === "" ? [] : [{ words, line: i + 1 }];
  });
}

/** The server blocks with their directives; the error is CoreDNS's. */
function blocks(text: string): Result<readonly Block[], string> {
  const found: Block[] = [];
  let open: { keys: readonly string[]; list: Directive[] } | undefined;
  let inner:
    { name: string; args: readonly string[]; block: (readonly string[])[]; line: number } | undefined;
  let last = 1;
  for (const { words, line } of lines(text)) {
    last = line;
    const [name = "", ...args] = words;
    if (open === undefined) {
      if (words.at(-1) !== "{") return err(`Corefile:${line} - Error during parsing: Unexpected EOF`);
      open = { keys: words.slice(0, -1).map((key) => key.replace(/,$/, "")), list: [] };
    } else if (inner !== undefined) {
      if (name === "}") {
        open.list.push(inner);
        inner = undefined;
      } else inner.block.push(words);
    } else if (name === "}") {
      found.push(open);
      open = undefined;
    } else if (!KNOWN.has(name)) {
      return err(
        NOT_MODELLED.has(name)
          ? `Corefile:${line} - flannelgraph: CoreDNS' plugin '${name}' is not modelled yet`
          : `Corefile:${line} - Error during parsing: Unknown directive '${name}'`,
      );
    } else if (args.at(-1) === "{") inner = { name, args: args.slice(0, -1), block: [], line };
    else open.list.push({ name, args, block: [], line });
  }
  return open === undefined && found.length > 0
    ? ok(found)
    : err(`Corefile:${last} - Error during parsing: Unexpected EOF`);
}

const DEFAULT_TTLS = { success: 3600, denial: 1800 };
const LEAST_TTL = 5;

/** `cache [TTL] [ZONE...] { success|denial CAPACITY [TTL [MINTTL]]; disable success|denial [ZONE...] }`. */
function cacheOf(directive: Directive | undefined): CacheConfig | undefined {
  if (directive === undefined) return undefined;
  const all = /^\d+$/.test(directive.args[0] ?? "") ? Number(directive.args[0]) : undefined;
  const side = (name: "success" | "denial"): CacheConfig["success"] => {
    const [, , most, least] = directive.block.find(([word]) => word === name) ?? [];
    const off = directive.block.find(([word, what]) => word === "disable" && what === name);
    return {
      most: Number(most ?? all ?? DEFAULT_TTLS[name]),
      least: Number(least ?? LEAST_TTL),
      not: off === undefined ? [] : off.length > 2 ? off.slice(2) : ["."],
    };
  };
  return { success: side("success"), denial: side("denial") };
}

function configOf({ keys, list }: Block): CoreConfig {
  const of = (name: string): Directive | undefined => list.find((directive) => directive.name === name);
  const option = (directive: Directive | undefined, name: string): readonly string[] | undefined =>
    directive?.block.find(([word]) => word === name)?.slice(1);
  const page = (name: string, otherwise: string): string | undefined =>
    of(name) === undefined ? undefined : (of(name)?.args[0] ?? otherwise);
  const kubernetes = of("kubernetes");
  const pods = option(kubernetes, "pods")?.[0];
  const fallthrough = option(kubernetes, "fallthrough");
  return {
    serves: keys.map(
      (key) =>
        `${key
          .replace(/^dns:\/\//, "")
          .replace(/:\d+$/, "")
          .replace(/\.$/, "")}.`,
    ),
    port: Number(/:(\d+)$/.exec(keys[0] ?? "")?.[1] ?? "53"),
    bind: list.filter(({ name }) => name === "bind").flatMap(({ args }) => args),
    zones: kubernetes?.args ?? [],
    ttl: Number(option(kubernetes, "ttl")?.[0] ?? "5"),
    pods: pods === "insecure" || pods === "verified" ? pods : "disabled",
    fallthrough: fallthrough === undefined ? [] : fallthrough.length === 0 ? ["."] : fallthrough,
    ignoreEmptyService: option(kubernetes, "ignore")?.[0] === "empty_service",
    endpointPodNames: option(kubernetes, "endpoint_pod_names") !== undefined,
    forwardTo: of("forward")?.args.slice(1) ?? [],
    forceTcp: option(of("forward"), "force_tcp") !== undefined,
    cache: cacheOf(of("cache")),
    log: of("log") !== undefined,
    health: page("health", ":8080"),
    ready: page("ready", ":8181"),
    metrics: page("prometheus", "localhost:9153"),
  };
}

export function parseCorefile(text: string): Result<readonly CoreConfig[], string> {
  const parsed = blocks(text);
  return parsed.ok ? ok(parsed.value.map(configOf)) : parsed;
}
