import * as v from "valibot";
import { err, ok, type Result } from "../../base/result.ts";
import {
  formatIpv4,
  formatPrefix,
  type Ipv4,
  type Ipv4Prefix,
  parseIpv4,
  parsePrefix,
} from "../../wire/address.ts";
import { type Json, type JsonObject, marshal } from "./json.ts";

export interface CniInterface {
  readonly name: string;
  readonly mac?: string;
  /** Path of the network namespace; absent for a device of the host. */
  readonly sandbox?: string;
}

export interface CniIp {
  readonly address: Ipv4Prefix;
  readonly gateway?: Ipv4;
  /** Index into `interfaces`. */
  readonly interface?: number;
}

export interface CniRoute {
  readonly dst: Ipv4Prefix;
  readonly gw?: Ipv4;
}

export interface CniDns {
  readonly nameservers?: readonly string[];
  readonly domain?: string;
  readonly search?: readonly string[];
  readonly options?: readonly string[];
}

/** What a plugin answers to ADD, in the form of CNI 1.0.0 (SPEC.md, "Success"); IPv4 only. */
export interface CniResult {
  readonly interfaces: readonly CniInterface[];
  readonly ips: readonly CniIp[];
  readonly routes: readonly CniRoute[];
  readonly dns: CniDns;
}

/** Versions of the result that we read and write. */
export const CNI_VERSIONS = ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"] as const;

function dnsJson(dns: CniDns): JsonObject {
  return {
    ...(dns.nameservers && { nameservers: dns.nameservers }),
    ...(dns.domain !== undefined && { domain: dns.domain }),
    ...(dns.search && { search: dns.search }),
    ...(dns.options && { options: dns.options }),
  };
}

/** The result in the shape of `version`: until 0.4.0 an address says its IP version. Field order is that of the Go structs. */
export function resultJson(result: CniResult, version: string): JsonObject {
  const old = version.startsWith("0.");
  const ips: Json[] = result.ips.map((ip) => ({
    ...(old && { version: "4" }),
    ...(ip.interface !== undefined && { interface: ip.interface }),
    address: formatPrefix(ip.address),
    ...(ip.gateway !== undefined && { gateway: formatIpv4(ip.gateway) }),
  }));
  const routes: Json[] = result.routes.map((route) => ({
    dst: formatPrefix(route.dst),
    ...(route.gw !== undefined && { gw: formatIpv4(route.gw) }),
  }));
  const interfaces: Json[] = result.interfaces.map((i) => ({
    name: i.name,
    ...(i.mac !== undefined && { mac: i.mac }),
    ...(i.sandbox !== undefined && { sandbox: i.sandbox }),
  }));
  return {
    cniVersion: version,
    ...(interfaces.length > 0 && { interfaces }),
    ...(ips.length > 0 && { ips }),
    ...(routes.length > 0 && { routes }),
    dns: dnsJson(result.dns),
  };
}

/** The text that a plugin prints. */
export function printResult(result: CniResult, version: string): string {
  return marshal(resultJson(result, version), "    ", false);
}

const prefix = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parsePrefix(dataset.value);
    if (parsed !== undefined && dataset.value.includes("/")) return parsed;
    addIssue({ message: `invalid CIDR address: ${dataset.value}` });
    return NEVER;
  }),
);
const address = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parseIpv4(dataset.value);
    if (parsed !== undefined) return parsed;
    addIssue({ message: `invalid IP address: ${dataset.value}` });
    return NEVER;
  }),
);

/** A CIDR and an address as they stand in configurations and results. */
export const schemas = {
  prefix,
  address,
  route: v.object({ dst: prefix, gw: v.optional(address) }),
  dns: v.object({
    nameservers: v.optional(v.array(v.string())),
    domain: v.optional(v.string()),
    search: v.optional(v.array(v.string())),
    options: v.optional(v.array(v.string())),
  }),
};

const ResultSchema = v.object({
  interfaces: v.optional(
    v.array(v.object({ name: v.string(), mac: v.optional(v.string()), sandbox: v.optional(v.string()) })),
    [],
  ),
  ips: v.optional(
    v.array(v.object({ address: prefix, gateway: v.optional(address), interface: v.optional(v.number()) })),
    [],
  ),
  routes: v.optional(v.array(schemas.route), []),
  dns: v.optional(schemas.dns, {}),
});

/** Reads `prevResult`. */
export function parseResult(json: Json): Result<CniResult, string> {
  const parsed = v.safeParse(ResultSchema, json);
  return parsed.success ? ok(parsed.output) : err(firstIssue(parsed.issues));
}

/** What was wrong, with the place. */
export function firstIssue(issues: readonly v.BaseIssue<unknown>[]): string {
  const issue = issues[0];
  if (issue === undefined) return "invalid";
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `${path}: ${issue.message}`;
}
