import * as v from "valibot";
import { err, ok, type Result } from "../../../../base/result.ts";
import type { Task } from "../../../../sim/task.ts";
import type { CniArgs, CniPlugin } from "../../plugin.ts";
import { type CniResult, firstIssue, parseResult } from "../../result.ts";
import type { Ipv4Prefix } from "../../../../wire/address.ts";
import { forwardPorts, forwards, unforwardPorts } from "./rules.ts";

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

export type PortMapping = v.InferOutput<typeof PortMapSchema>;

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

/** The pod's IPv4 address and network as the plugin before told them. */
function podAddress(result: CniResult): Ipv4Prefix | undefined {
  return result.ips[0]?.address;
}

/**
 * Host ports: what comes to the host's own addresses is translated to the pod's.
 *
 * Models: containernetworking/plugins plugins/meta/portmap, iptables backend. Not modelled: its nftables backend.
 */
export const portmap: CniPlugin = {
  type: "portmap",
  kind: "meta",

  *add(args, context): Task<Result<CniResult, string>> {
    const wanted = mappings(args);
    if (!wanted.ok) return wanted;
    const previous = args.config["prevResult"];
    if (previous === undefined) return err("must be called as chained plugin");
    const result = parseResult(previous);
    if (!result.ok) return err(`failed to parse config: could not parse prevResult: ${result.error}`);
    if (wanted.value.length === 0) return result;
    if (args.config["backend"] === "nftables")
      return err("flannelgraph: portmap's nftables backend is not modelled yet");
    const pod = podAddress(result.value);
    if (pod !== undefined) forwardPorts(context.net, args, wanted.value, pod);
    return result;
  },

  *del(args, context): Task<Result<void, string>> {
    const wanted = mappings(args);
    if (!wanted.ok) return wanted;
    unforwardPorts(context.net, args);
    return ok();
  },

  *check(args, context): Task<Result<void, string>> {
    const wanted = mappings(args);
    if (!wanted.ok) return wanted;
    if (args.config["prevResult"] === undefined) return err("Required prevResult missing");
    if (wanted.value.length > 0 && !forwards(context.net, args))
      return err("failed to check portmap: chain does not exist");
    return ok();
  },
};
