import * as v from "valibot";
import { err, ok, type Result } from "../../../base/result.ts";
import type { CniArgs } from "../../../container/cni/plugin.ts";
import { firstIssue } from "../../../container/cni/result.ts";
import { readText } from "../../../container/files.ts";
import type { Host } from "../../../userland/os/host.ts";

export const NODENAME_FILE = "/var/lib/calico/nodename";
export const MTU_FILE = "/var/lib/calico/mtu";

/** "true" or true. */
const switchText = v.union([v.string(), v.boolean()]);

const NetConfSchema = v.looseObject({
  name: v.optional(v.string(), ""),
  nodename: v.optional(v.string(), ""),
  mtu: v.optional(v.number(), 0),
  datastore_type: v.optional(v.string(), ""),
  nodename_file_optional: v.optional(v.boolean(), false),
  include_default_routes: v.optional(v.boolean(), false),
  ipam: v.optional(
    v.looseObject({
      type: v.optional(v.string(), ""),
      assign_ipv4: v.optional(switchText),
      assign_ipv6: v.optional(switchText),
      ipv4_pools: v.optional(v.array(v.string()), []),
      subnet: v.optional(v.string()),
      routes: v.optional(v.array(v.looseObject({ dst: v.string() })), []),
    }),
    { type: "", ipv4_pools: [], routes: [] },
  ),
  policy: v.optional(v.looseObject({ type: v.optional(v.string(), "") }), { type: "" }),
  container_settings: v.optional(v.looseObject({ allow_ip_forwarding: v.optional(v.boolean(), false) }), {
    allow_ip_forwarding: false,
  }),
});

export type NetConf = v.InferOutput<typeof NetConfSchema>;

export function loadConf(args: CniArgs): Result<NetConf, string> {
  const parsed = v.safeParse(NetConfSchema, args.config);
  return parsed.success ? ok(parsed.output) : err(`failed to load netconf: ${firstIssue(parsed.issues)}`);
}

/** K8S_POD_NAME and the like. */
export function argument(args: CniArgs, key: string): string {
  const pair = args.args.split(";").find((candidate) => candidate.startsWith(`${key}=`));
  return pair?.slice(key.length + 1) ?? "";
}

/** The first line of a file, or "". */
function lineOf(host: Host, path: string): string {
  const text = readText(host.fs, path);
  return text.ok ? (text.value.split("\n")[0] ?? "").trim() : "";
}

/** What calico-node wrote, or the configuration says. Models: utils.DetermineNodename. */
export function nodeName(conf: NetConf, host: Host): string {
  const written = lineOf(host, NODENAME_FILE);
  return written !== "" ? written : conf.nodename !== "" ? conf.nodename : host.name;
}

/** The configuration's, else what felix found out. */
export function podMtu(conf: NetConf, host: Host): number {
  return conf.mtu > 0 ? conf.mtu : Number(lineOf(host, MTU_FILE)) || 0;
}
