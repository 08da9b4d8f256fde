import { ok } from "../../../base/result.ts";
import { inPrefix, type Ipv4Prefix, parsePrefix } from "../../../wire/address.ts";
import { parsePrefix6 } from "../../../wire/address6.ts";
import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from "../errors.ts";
import type { Draft } from "../types.ts";
import { portNameProblems } from "./ports.ts";
import type { Strategy } from "./strategy.ts";

type PolicySpec = NonNullable<Draft<"NetworkPolicy">["spec"]>;

/** Models: pkg/apis/networking/v1 SetDefaults_NetworkPolicy and SetDefaults_NetworkPolicyPort. */
function policySpec(spec: PolicySpec): PolicySpec {
  const { ingress, egress, podSelector = {}, policyTypes = [] } = spec;
  const withPorts = <R extends NonNullable<PolicySpec["ingress"] | PolicySpec["egress"]>[number]>(
    rule: R,
  ): R =>
    rule.ports === undefined
      ? rule
      : { ...rule, ports: rule.ports.map((port) => ({ ...port, protocol: port.protocol ?? "TCP" })) };
  const implied = ["Ingress", ...((egress ?? []).length > 0 ? ["Egress"] : [])];
  return {
    ...spec,
    podSelector,
    policyTypes: policyTypes.length === 0 ? implied : policyTypes,
    ...(ingress === undefined ? {} : { ingress: ingress.map(withPorts) }),
    ...(egress === undefined ? {} : { egress: egress.map(withPorts) }),
  };
}

type Ingress = NonNullable<PolicySpec["ingress"]>[number];
type Peer = NonNullable<Ingress["from"]>[number];
type Port = NonNullable<Ingress["ports"]>[number];

const PROTOCOLS = ["TCP", "UDP", "SCTP"];
const PORT_RANGE = "must be between 1 and 65535, inclusive";
const CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

const isPort = (number: number): boolean => number >= 1 && number <= 65_535;

/** Models: ValidateNetworkPolicyPort. */
function portProblems(path: string, { port, endPort, protocol = "TCP" }: Port): readonly FieldError[] {
  const problems: FieldError[] = [];
  if (!PROTOCOLS.includes(protocol)) problems.push(unsupportedField(`${path}.protocol`, protocol, PROTOCOLS));
  const end = `${path}.endPort`;
  if (port === undefined) {
    if (endPort !== undefined)
      problems.push(forbiddenField(end, "may not be specified when `port` is not specified"));
  } else if (typeof port === "string") {
    problems.push(...portNameProblems(`${path}.port`, port));
    if (endPort !== undefined)
      problems.push(forbiddenField(end, "may not be specified when `port` is non-numeric"));
  } else {
    if (!isPort(port)) problems.push(invalidField(`${path}.port`, port, PORT_RANGE));
    if (endPort !== undefined && endPort < port)
      problems.push(invalidField(end, endPort, "must be greater than or equal to `port`"));
    if (endPort !== undefined && !isPort(endPort)) problems.push(invalidField(end, endPort, PORT_RANGE));
  }
  return problems;
}

const isRange = (text: string): boolean =>
  text.includes("/") && (parsePrefix(text) ?? parsePrefix6(text)) !== undefined;

function strictlyInside(inner: Ipv4Prefix, outer: Ipv4Prefix): boolean {
  return inner.length > outer.length && inPrefix(inner.address, outer.address, outer.length);
}

/** Models: ValidateIPBlock. Exceptions of an IPv6 block are not compared with it. */
function blockProblems(
  path: string,
  { cidr, except = [] }: NonNullable<Peer["ipBlock"]>,
): readonly FieldError[] {
  if (cidr === "") return [requiredField(`${path}.cidr`)];
  if (!isRange(cidr)) return [invalidField(`${path}.cidr`, cidr, CIDR)];
  const outer = parsePrefix(cidr);
  return except.flatMap((text, i) => {
    const at = `${path}.except[${i}]`;
    if (!isRange(text)) return [invalidField(at, text, CIDR)];
    const inner = parsePrefix(text);
    const known = outer === undefined && inner === undefined;
    const inside = inner !== undefined && outer !== undefined && strictlyInside(inner, outer);
    return known || inside ? [] : [invalidField(at, text, "must be a strict subset of `cidr`")];
  });
}

/** Models: ValidateNetworkPolicyPeer. */
function peerProblems(
  path: string,
  { podSelector, namespaceSelector, ipBlock }: Peer,
): readonly FieldError[] {
  const selects = podSelector !== undefined || namespaceSelector !== undefined;
  if (ipBlock === undefined) return selects ? [] : [requiredField(path, "must specify a peer")];
  const problems = blockProblems(`${path}.ipBlock`, ipBlock);
  return selects
    ? [...problems, forbiddenField(path, "may not specify both ipBlock and another peer")]
    : problems;
}

function ruleProblems(
  path: string,
  word: "from" | "to",
  peers: readonly Peer[] = [],
  ports: readonly Port[] = [],
): readonly FieldError[] {
  return [
    ...ports.flatMap((port, i) => portProblems(`${path}.ports[${i}]`, port)),
    ...peers.flatMap((peer, i) => peerProblems(`${path}.${word}[${i}]`, peer)),
  ];
}

function typeProblems(types: readonly string[]): readonly FieldError[] {
  const path = "spec.policyTypes";
  if (types.length > 2) return [invalidField(path, types, "may not specify more than two policyTypes")];
  return types.flatMap((type, i) =>
    type === "Ingress" || type === "Egress"
      ? []
      : [unsupportedField(`${path}[${i}]`, type, ["Egress", "Ingress"])],
  );
}

/** Models: pkg/apis/networking/validation ValidateNetworkPolicySpec. */
export const networkPolicyStrategy: Strategy<"NetworkPolicy"> = {
  create: (draft) => ok({ ...draft, spec: policySpec(draft.spec ?? {}) }),
  update: (next) => ok({ ...next, spec: policySpec(next.spec ?? {}) }),
  validate: ({ spec = {} }) => [
    ...(spec.ingress ?? []).flatMap(({ from, ports }, i) =>
      ruleProblems(`spec.ingress[${i}]`, "from", from, ports),
    ),
    ...(spec.egress ?? []).flatMap(({ to, ports }, i) => ruleProblems(`spec.egress[${i}]`, "to", to, ports)),
    ...typeProblems(spec.policyTypes ?? []),
  ],
};
