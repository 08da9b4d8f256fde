import type { DnsConfig } from "../../container/runtime/types.ts";
import type { PodSpec } from "../api/index.ts";

const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARS = 2048;

/** What the kubelet was told about DNS. */
export interface ClusterDns {
  /** --cluster-dns; empty when there is none. */
  readonly servers: readonly string[];
  readonly domain: string;
  /** The node's own resolv.conf. */
  readonly node: DnsConfig;
}

/** A resolv.conf file. Models: kubelet parseResolvConf. */
export function parseResolvConf(text: string): DnsConfig {
  const servers: string[] = [];
  let searches: string[] = [];
  let options: string[] = [];
  for (const line of text.split("\n")) {
    const words = line.trim().split(/\s+/);
    const [key, ...rest] = words;
    if (key === "nameserver" && rest[0] !== undefined) servers.push(rest[0]);
    if (key === "search") searches = rest.map((name) => (name === "." ? name : name.replace(/\.$/, "")));
    if (key === "options") options = rest;
  }
  return { servers, searches, options };
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];

/** dnsConfig options override by name. Models: mergeDNSOptions. */
function mergeOptions(
  base: readonly string[],
  extra: readonly { name?: string | undefined; value?: string | undefined }[],
): string[] {
  const out = new Map(base.map((option) => [option.split(":")[0] ?? option, option]));
  for (const { name, value } of extra)
    if (name !== undefined) out.set(name, value === undefined ? name : `${name}:${value}`);
  return [...out.values()];
}

/** Where a pod asks for names, by dnsPolicy. Models: kubelet pkg/kubelet/network/dns GetPodDNS. */
export function podDns(spec: PodSpec, namespace: string, cluster: ClusterDns): DnsConfig {
  const policy = spec.dnsPolicy ?? "ClusterFirst";
  const wantsCluster =
    policy === "ClusterFirstWithHostNet" || (policy === "ClusterFirst" && spec.hostNetwork !== true);
  let base = cluster.node;
  if (policy === "None") base = { servers: [], searches: [], options: [] };
  else if (wantsCluster && cluster.servers.length > 0) {
    const { domain } = cluster;
    const own = [`${namespace}.svc.${domain}`, `svc.${domain}`, domain];
    base = {
      servers: cluster.servers,
      searches: unique([...own, ...cluster.node.searches]),
      options: ["ndots:5"],
    };
  }
  const { nameservers = [], searches = [], options = [] } = spec.dnsConfig ?? {};
  return limited({
    servers: unique([...base.servers, ...nameservers]),
    searches: unique([...base.searches, ...searches]),
    options: mergeOptions(base.options, options),
  });
}

/** What a resolver would ignore is not written. Models: formDNSConfigFitsLimits. */
function limited(dns: DnsConfig): DnsConfig {
  const searches: string[] = [];
  let length = 0;
  for (const search of dns.searches.slice(0, MAX_SEARCHES)) {
    length += search.length + (searches.length > 0 ? 1 : 0);
    if (length > MAX_SEARCH_CHARS) break;
    searches.push(search);
  }
  return { servers: dns.servers.slice(0, MAX_NAMESERVERS), searches, options: dns.options };
}
