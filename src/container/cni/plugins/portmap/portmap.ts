import * as v from "valibot";
import { err, ok, type Result } from "../../../../base/result.ts";
import type { Task } from "../../../../sim/task.ts";
import type { CniArgs, CniPlugin } from "../../plugin.ts";
import { type CniResult, firstIssue, parseResult } from "../../result.ts";

const PortMapSchema = v.object({
  hostPort: v.number(),
  containerPort: v.number(),
  protocol: v.optional(v.string(), "tcp"),
  hostIP: v.optional(v.string()),
});

const ConfigSchema = v.object({
  backend: v.optional(v.picklist(["iptables", "nftables"])),
  snat: v.optional(v.boolean(), true),
  masqAll: v.optional(v.boolean(), false),
  markMasqBit: v.optional(v.number()),
  externalSetMarkChain: v.optional(v.string()),
  runtimeConfig: v.optional(v.object({ portMappings: v.optional(v.array(PortMapSchema), []) })),
});

type PortMapping = v.InferOutput<typeof PortMapSchema>;

function mappings(args: CniArgs): Result<readonly PortMapping[], string> {
  const parsed = v.safeParse(ConfigSchema, args.config);
  const fail = (what: string): Result<never, string> => err(`failed to parse config: ${what}`);
  if (!parsed.success) return fail(`failed to parse network configuration: ${firstIssue(parsed.issues)}`);
  const { markMasqBit, externalSetMarkChain, runtimeConfig } = parsed.output;
  if (markMasqBit !== undefined && externalSetMarkChain !== undefined)
    return fail("Cannot specify externalSetMarkChain and markMasqBit");
  if (markMasqBit !== undefined && (markMasqBit < 0 || markMasqBit > 31))
    return fail("MasqMarkBit must be between 0 and 31");
  const wanted = runtimeConfig?.portMappings ?? [];
  for (const mapping of wanted) {
    if (mapping.containerPort <= 0) return fail(`Invalid container port number: ${mapping.containerPort}`);
    if (mapping.hostPort <= 0) return fail(`Invalid host port number: ${mapping.hostPort}`);
  }
  return ok(wanted);
}

/**
 * Host ports. Without portMappings it hands the previous result on; with some it needs netfilter, which is not there
 * yet, and says so.
 *
 * Models: containernetworking/plugins plugins/meta/portmap.
 */
export const portmap: CniPlugin = {
  type: "portmap",
  kind: "meta",

  *add(args): Task<Result<CniResult, string>> {
    const wanted = mappings(args);
    if (!wanted.ok) return wanted;
    const previous = args.config["prevResult"];
    if (previous === undefined) return err("must be called as chained plugin");
    const first = wanted.value[0];
    if (first !== undefined)
      return err(
        `portmap: host port ${first.hostPort}/${first.protocol} needs netfilter, which is not modelled yet`,
      );
    const result = parseResult(previous);
    return result.ok ? result : err(`failed to parse config: could not parse prevResult: ${result.error}`);
  },

  *del(args): Task<Result<void, string>> {
    const wanted = mappings(args);
    return wanted.ok ? ok() : wanted;
  },

  *check(args): Task<Result<void, string>> {
    const wanted = mappings(args);
    if (!wanted.ok) return wanted;
    return args.config["prevResult"] === undefined ? err("Required prevResult missing") : ok();
  },
};
