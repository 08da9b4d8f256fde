import { isV4, numericAddress, type Address } from "../../formats/iptables/address.ts";
import { inPrefix, parsePrefix, type Ipv4Prefix } from "../../wire/address.ts";
import { parsePrefix6, type Ipv6Prefix } from "../../wire/address6.ts";
import type { Service } from "../api/index.ts";

export type ProxyFamily = "ip" | "ip6";
export type Protocol = "TCP" | "UDP" | "SCTP";
export type Range = Ipv4Prefix | Ipv6Prefix;

/** One port of one Service, as kube-proxy sees it. Models: kubernetes pkg/proxy/serviceport.go. */
export interface ServicePort {
  readonly namespace: string;
  readonly service: string;
  /** The port's name; "" when it has none. */
  readonly port: string;
  readonly protocol: Protocol;
  readonly clusterIp: Address;
  readonly number: number;
  /** 0 for none. */
  readonly nodePort: number;
  readonly externalIps: readonly Address[];
  readonly loadBalancerIps: readonly Address[];
  readonly sourceRanges: readonly Range[];
  /** externalTrafficPolicy and internalTrafficPolicy: Local. */
  readonly externalLocal: boolean;
  readonly internalLocal: boolean;
  /** Seconds of ClientIP affinity; 0 for none. */
  readonly affinity: number;
  readonly healthCheckNodePort: number;
}

/** `namespace/name:port`, without the colon when the port has no name. */
export function portId(of: Pick<ServicePort, "namespace" | "service" | "port">): string {
  const service = `${of.namespace}/${of.service}`;
  return of.port === "" ? service : `${service}:${of.port}`;
}

/** It can be reached from outside the cluster. */
export function isExternal(of: ServicePort): boolean {
  return of.nodePort !== 0 || of.externalIps.length > 0 || of.loadBalancerIps.length > 0;
}

function addressesOf(family: ProxyFamily, texts: readonly (string | undefined)[]): Address[] {
  return texts.flatMap((text) => {
    const address = text === undefined ? undefined : numericAddress(family, text);
    return address === undefined ? [] : [address];
  });
}

function rangesOf(family: ProxyFamily, texts: readonly string[]): Range[] {
  return texts.flatMap((text): Range[] => {
    const trimmed = text.trim();
    const range = family === "ip" ? parsePrefix(trimmed) : parsePrefix6(trimmed);
    return range === undefined ? [] : [range];
  });
}

/** The ports of a Service for one family: none when it is headless, external by name, or proxied by somebody else. */
export function servicePorts(family: ProxyFamily, service: Service): readonly ServicePort[] {
  const { spec, metadata } = service;
  if (spec.type === "ExternalName") return [];
  if (metadata.labels?.["service.kubernetes.io/service-proxy-name"] !== undefined) return [];
  const [clusterIp] = addressesOf(family, [spec.clusterIP, ...(spec.clusterIPs ?? [])]);
  if (clusterIp === undefined) return [];
  const external = spec.type === "NodePort" || spec.type === "LoadBalancer";
  const affinity = spec.sessionAffinity === "ClientIP";
  const given = spec.type === "LoadBalancer" ? (service.status?.loadBalancer?.ingress ?? []) : [];
  // A balancer that relays must be asked itself; only an address that it hands on is answered here.
  const ingress = given.filter(({ ipMode }) => ipMode !== "Proxy");
  return (spec.ports ?? []).map((port) => ({
    namespace: metadata.namespace ?? "default",
    service: metadata.name,
    port: port.name ?? "",
    protocol: port.protocol === "UDP" ? "UDP" : port.protocol === "SCTP" ? "SCTP" : "TCP",
    clusterIp,
    number: port.port,
    nodePort: external ? (port.nodePort ?? 0) : 0,
    externalIps: addressesOf(family, spec.externalIPs ?? []),
    loadBalancerIps: addressesOf(
      family,
      ingress.map(({ ip, ipMode }) => (ipMode === "Proxy" ? undefined : ip)),
    ),
    sourceRanges: rangesOf(family, spec.loadBalancerSourceRanges ?? []),
    externalLocal: spec.externalTrafficPolicy === "Local",
    internalLocal: spec.internalTrafficPolicy === "Local",
    affinity: affinity ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : 0,
    healthCheckNodePort: spec.externalTrafficPolicy === "Local" ? (spec.healthCheckNodePort ?? 0) : 0,
  }));
}

/** The address is in the range. */
export function holds(range: Range, address: Address): boolean {
  if (isV4(address))
    return typeof range.address === "number" && inPrefix(address, range.address, range.length);
  if (typeof range.address === "number") return false;
  let left = range.length;
  for (let i = 0; i < 8 && left > 0; i++, left -= 16) {
    const mask = left >= 16 ? 0xffff : (0xffff << (16 - left)) & 0xffff;
    if (((address[i]! ^ range.address[i]!) & mask) !== 0) return false;
  }
  return true;
}
