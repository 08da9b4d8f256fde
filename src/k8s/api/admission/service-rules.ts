import { parseIpv4, parsePrefix } from "../../../wire/address.ts";
import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from "../errors.ts";
import type { Endpoints, EndpointSlice, Service } from "../types.ts";
import type { Draft } from "../types.ts";
import { nameProblems } from "./names.ts";

type Spec = Service["spec"];

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const POLICIES = ["Cluster", "Local"];
const IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
const LONGEST_AFFINITY = 86_400;

/** Whether traffic from outside the cluster has a way in. Models: service.ExternallyAccessible. */
function isExternal({ type, externalIPs = [] }: Spec): boolean {
  return type === "LoadBalancer" || type === "NodePort" || (type === "ClusterIP" && externalIPs.length > 0);
}

function typeProblems(spec: Spec): FieldError[] {
  const { type = "ClusterIP", clusterIP, clusterIPs, externalName = "" } = spec;
  if (!TYPES.includes(type)) return [unsupportedField("spec.type", type, TYPES)];
  const headless = clusterIP === "None" || clusterIPs?.[0] === "None";
  if (type === "ExternalName") {
    const target = externalName.replace(/\.$/, "");
    return [
      ...((clusterIPs ?? []).length > 0 || (clusterIP ?? "") !== ""
        ? [forbiddenField("spec.clusterIPs", "may not be set when `type` is 'ExternalName'")]
        : []),
      ...(target === ""
        ? [requiredField("spec.externalName")]
        : nameProblems("spec.externalName", target, "subdomain")),
    ];
  }
  if (headless && type !== "ClusterIP")
    return [invalidField("spec.clusterIPs[0]", "None", `may not be set to 'None' for ${type} services`)];
  const asked = clusterIP ?? clusterIPs?.[0] ?? "";
  return asked === "" || headless || parseIpv4(asked) !== undefined
    ? []
    : [invalidField("spec.clusterIPs[0]", asked, IP)];
}

function policyProblems(spec: Spec): FieldError[] {
  const { externalTrafficPolicy, internalTrafficPolicy, healthCheckNodePort = 0, type } = spec;
  const path = "spec.externalTrafficPolicy";
  const external =
    externalTrafficPolicy === undefined
      ? []
      : !isExternal(spec)
        ? [invalidField(path, externalTrafficPolicy, "may only be set for externally-accessible services")]
        : POLICIES.includes(externalTrafficPolicy)
          ? []
          : [unsupportedField(path, externalTrafficPolicy, POLICIES)];
  const checked = type === "LoadBalancer" && externalTrafficPolicy === "Local";
  return [
    ...external,
    ...(healthCheckNodePort !== 0 && !checked
      ? [
          invalidField(
            "spec.healthCheckNodePort",
            healthCheckNodePort,
            "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
          ),
        ]
      : []),
    ...(internalTrafficPolicy === undefined || POLICIES.includes(internalTrafficPolicy)
      ? []
      : [unsupportedField("spec.internalTrafficPolicy", internalTrafficPolicy, POLICIES)]),
  ];
}

function affinityProblems({ sessionAffinity = "None", sessionAffinityConfig }: Spec): FieldError[] {
  const kinds = ["ClientIP", "None"];
  if (!kinds.includes(sessionAffinity))
    return [unsupportedField("spec.sessionAffinity", sessionAffinity, kinds)];
  const path = "spec.sessionAffinityConfig";
  if (sessionAffinity === "None") {
    const why = `must not be set when session affinity is None`;
    return sessionAffinityConfig === undefined ? [] : [forbiddenField(path, why)];
  }
  const timeout = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  return timeout === undefined || (timeout > 0 && timeout <= LONGEST_AFFINITY)
    ? []
    : [
        invalidField(
          `${path}.clientIP.timeoutSeconds`,
          timeout,
          `must be greater than 0 and less than ${LONGEST_AFFINITY}`,
        ),
      ];
}

function addressProblems({ type, externalIPs = [], loadBalancerSourceRanges = [] }: Spec): FieldError[] {
  const externals = externalIPs.flatMap((ip, i) => addressProblem(`spec.externalIPs[${i}]`, ip));
  const path = "spec.loadBalancerSourceRanges";
  if (loadBalancerSourceRanges.length > 0 && type !== "LoadBalancer")
    return [...externals, forbiddenField(path, "may only be used when `type` is 'LoadBalancer'")];
  const ranges = loadBalancerSourceRanges.flatMap((range, i) =>
    parsePrefix(range.trim()) === undefined ? [invalidField(`${path}[${i}]`, range, CIDR)] : [],
  );
  return [...externals, ...ranges];
}

/** An address that somebody may be reached at. Models: validation.ValidateNonSpecialIP. */
function addressProblem(path: string, text: string): FieldError[] {
  const address = parseIpv4(text);
  if (address === undefined) return text.includes(":") ? [] : [invalidField(path, text, IP)];
  const top = address >>> 24;
  if (address === 0) return [invalidField(path, text, "may not be unspecified (0.0.0.0 or ::)")];
  if (top === 127)
    return [invalidField(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)")];
  if (address >>> 16 === 0xa9fe)
    return [invalidField(path, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")];
  if (address >>> 8 === 0xe00000)
    return [
      invalidField(path, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"),
    ];
  return [];
}

/** nodePort is for types that open one; what a change of type leaves behind has been cleared before. */
function nodePortProblems({ type = "ClusterIP", ports = [] }: Spec): FieldError[] {
  if (type === "NodePort" || type === "LoadBalancer") return [];
  return ports.flatMap(({ nodePort = 0 }, i) =>
    nodePort === 0
      ? []
      : [forbiddenField(`spec.ports[${i}].nodePort`, `may not be used when \`type\` is '${type}'`)],
  );
}

/** What is wrong with a Service besides its list of ports. Models: pkg/apis/core/validation ValidateService. */
export function serviceProblems(spec: Spec): FieldError[] {
  return [
    ...typeProblems(spec),
    ...nodePortProblems(spec),
    ...affinityProblems(spec),
    ...addressProblems(spec),
    ...policyProblems(spec),
  ];
}

/**
 * What only the old type had and the request repeats is taken away, as a change of type in an editor does not name it.
 * Models: pkg/registry/core/service/storage dropTypeDependentFields.
 */
export function withoutLeftovers(spec: Spec, held: Spec): Spec {
  const opens = ({ type }: Spec): boolean => type === "NodePort" || type === "LoadBalancer";
  let out = spec;
  if (opens(held) && !opens(spec)) {
    const same = (out.ports ?? []).every((port, i) => port.nodePort === held.ports?.[i]?.nodePort);
    if (same) out = { ...out, ports: out.ports?.map(({ nodePort: _, ...port }) => port) };
  }
  if (isExternal(held) && !isExternal(spec) && spec.externalTrafficPolicy === held.externalTrafficPolicy) {
    const { externalTrafficPolicy: _, ...rest } = out;
    out = rest;
  }
  if (spec.healthCheckNodePort === held.healthCheckNodePort && !wantsHealthCheck(spec)) {
    const { healthCheckNodePort: _, ...rest } = out;
    out = rest;
  }
  if (spec.type === "ExternalName" && held.type !== "ExternalName" && spec.clusterIP === held.clusterIP) {
    const { clusterIP: _, clusterIPs: __, ...rest } = out;
    out = rest;
  }
  if (spec.sessionAffinity !== "ClientIP" && held.sessionAffinity === "ClientIP") {
    const { sessionAffinityConfig: _, ...rest } = out;
    out = rest;
  }
  return out;
}

function wantsHealthCheck({ type, externalTrafficPolicy }: Spec): boolean {
  return type === "LoadBalancer" && externalTrafficPolicy === "Local";
}

/** Endpoints and slices lead to addresses that packets can be sent to. */
export function endpointsProblems({ subsets = [] }: Endpoints | Draft<"Endpoints">): FieldError[] {
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [] }, i) => [
    ...addresses.flatMap(({ ip }, j) => addressProblem(`subsets[${i}].addresses[${j}].ip`, ip)),
    ...notReadyAddresses.flatMap(({ ip }, j) =>
      addressProblem(`subsets[${i}].notReadyAddresses[${j}].ip`, ip),
    ),
  ]);
}

export function endpointSliceProblems({
  addressType,
  endpoints = [],
}: EndpointSlice | Draft<"EndpointSlice">): FieldError[] {
  const types = ["FQDN", "IPv4", "IPv6"];
  if (!types.includes(addressType)) return [unsupportedField("addressType", addressType, types)];
  if (addressType !== "IPv4") return [];
  return endpoints.flatMap(({ addresses }, i) =>
    addresses.length === 0
      ? [requiredField(`endpoints[${i}].addresses`, "must contain at least 1 address")]
      : addresses.flatMap((ip, j) => addressProblem(`endpoints[${i}].addresses[${j}]`, ip)),
  );
}
