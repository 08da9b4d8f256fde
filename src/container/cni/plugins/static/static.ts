import * as v from "valibot";
import { err, ok, type Result } from "../../../../base/result.ts";
import type { Task } from "../../../../sim/task.ts";
import {
  formatIpv4,
  type Ipv4,
  type Ipv4Prefix,
  inPrefix,
  parseIpv4,
  parsePrefix,
} from "../../../../wire/address.ts";
import { cniArgument } from "../../args.ts";
import type { CniArgs, CniPlugin } from "../../plugin.ts";
import { type CniIp, type CniResult, firstIssue, parseResult, schemas } from "../../result.ts";

const NetSchema = v.object({
  ipam: v.optional(
    v.object({
      addresses: v.optional(
        v.array(v.object({ address: v.string(), gateway: v.optional(schemas.address) })),
        [],
      ),
      routes: v.optional(v.array(schemas.route), []),
      dns: v.optional(schemas.dns, {}),
    }),
  ),
  runtimeConfig: v.optional(v.object({ ips: v.optional(v.array(v.string()), []) })),
  args: v.optional(v.object({ cni: v.optional(v.object({ ips: v.optional(v.array(v.string()), []) })) })),
});

interface StaticConfig {
  readonly ips: readonly CniIp[];
  readonly routes: CniResult["routes"];
  readonly dns: CniResult["dns"];
}

function cidr(text: string): Ipv4Prefix | undefined {
  return text.includes("/") ? parsePrefix(text) : undefined;
}

function cidrs(texts: readonly string[], complaint: string): Result<CniIp[], string> {
  const out: CniIp[] = [];
  for (const text of texts) {
    const address = cidr(text);
    if (address === undefined) return err(`${complaint}, got: '${text}'`);
    out.push({ address });
  }
  return ok(out);
}

function withGateway(ip: CniIp, gateways: readonly Ipv4[]): CniIp {
  const gateway = gateways.findLast((g) => inPrefix(g, ip.address.address, ip.address.length));
  return gateway === undefined ? ip : { ...ip, gateway };
}

/**
 * Addresses of the configuration and CNI_ARGS (IP, GATEWAY); `args.cni.ips` replaces them, and `runtimeConfig.ips` those.
 *
 * Models: static LoadIPAMConfig.
 */
function load(args: CniArgs): Result<StaticConfig, string> {
  const parsed = v.safeParse(NetSchema, args.config);
  if (!parsed.success) return err(firstIssue(parsed.issues));
  const { ipam, runtimeConfig, args: conf } = parsed.output;
  if (ipam === undefined) return err("IPAM config missing 'ipam' key");
  const extra = cidrs(cniArgument(args, "IP"), "the 'ip' field is expected to be in CIDR notation");
  if (!extra.ok) return extra;
  const gateways: Ipv4[] = [];
  for (const text of cniArgument(args, "GATEWAY")) {
    const gateway = parseIpv4(text);
    if (gateway === undefined) return err(`invalid gateway address: ${text}`);
    gateways.push(gateway);
  }
  const written = cidrs(
    ipam.addresses.map((a) => a.address),
    "the 'address' field is expected to be in CIDR notation",
  );
  if (!written.ok) return written;
  const configured = written.value.map((ip, i) => {
    const gateway = ipam.addresses[i]?.gateway;
    return gateway === undefined ? ip : { ...ip, gateway };
  });
  let ips: readonly CniIp[] = [...configured, ...extra.value.map((ip) => withGateway(ip, gateways))];
  for (const texts of [conf?.cni?.ips ?? [], runtimeConfig?.ips ?? []]) {
    const instead = cidrs(texts, "an entry in the 'ips' field is NOT in CIDR notation");
    if (!instead.ok) return instead;
    if (instead.value.length > 0) ips = instead.value;
  }
  return ok({ ips, routes: ipam.routes, dns: ipam.dns });
}

/**
 * The addresses that the configuration says, for whoever asks.
 *
 * Models: containernetworking/plugins v1.9.1 plugins/ipam/static.
 */
export const staticIpam: CniPlugin = {
  type: "static",
  kind: "ipam",

  *add(args): Task<Result<CniResult, string>> {
    const config = load(args);
    return config.ok ? ok({ interfaces: [], ...config.value }) : config;
  },

  *del(): Task<Result<void, string>> {
    return ok();
  },

  *check(args): Task<Result<void, string>> {
    const config = load(args);
    if (!config.ok) return config;
    const raw = args.config["prevResult"];
    if (raw === undefined) return err("Required prevResult missing");
    const previous = parseResult(raw);
    if (!previous.ok) return previous;
    for (const { address, gateway } of config.value.ips) {
      const same = previous.value.ips.find((ip) => ip.address.address === address.address);
      if (same === undefined || gateway === undefined || same.gateway === gateway) continue;
      const text = formatIpv4(address.address);
      return err(`static: Failed to match addr ${text} on interface ${args.ifName}`);
    }
    return ok();
  },
};
