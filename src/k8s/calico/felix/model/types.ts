/**
 * What policies, profiles and endpoints come to before anything is known of the kernel.
 * Models: libcalico-go/lib/backend/model (v1), felix/proto.
 */

export type RuleAction = "allow" | "deny" | "log" | "pass";

/** Inclusive; a single port is a range of one. */
export interface Ports {
  readonly first: number;
  readonly last: number;
}

/** A port that a container of the pod names. */
export type PortMatch = Ports | string;

export interface IcmpMatch {
  readonly type: number;
  readonly code?: number;
}

/** One side of a rule: where packets come from, or go to. */
export interface Side {
  readonly nets: readonly string[];
  readonly notNets: readonly string[];
  /** Selectors as text; empty is none. */
  readonly selector: string;
  readonly notSelector: string;
  readonly ports: readonly PortMatch[];
  readonly notPorts: readonly PortMatch[];
  /** `NAMESPACE/NAME` of a Service; empty is none. */
  readonly service: string;
}

export interface PolicyRule {
  readonly action: RuleAction;
  readonly ipVersion?: number;
  /** A name in small letters, or a number. */
  readonly protocol?: string;
  readonly notProtocol?: string;
  readonly icmp?: IcmpMatch;
  readonly notIcmp?: IcmpMatch;
  readonly source: Side;
  readonly destination: Side;
}

/** A policy of any kind in the one form that Felix knows. */
export interface Policy {
  readonly tier: string;
  /** `NAMESPACE/NAME`, or `NAME` of one for all namespaces: `x/knp.default.deny`. */
  readonly name: string;
  /** As people know it: `NetworkPolicy x/deny`. */
  readonly title: string;
  /** Infinity where none is given. */
  readonly order: number;
  readonly selector: string;
  readonly ingress: readonly PolicyRule[];
  readonly egress: readonly PolicyRule[];
  readonly types: readonly ("ingress" | "egress")[];
  readonly doNotTrack: boolean;
  readonly preDnat: boolean;
  readonly applyOnForward: boolean;
}

/** What holds for endpoints that no policy is about, and labels that they inherit. */
export interface Profile {
  readonly name: string;
  readonly title: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ingress: readonly PolicyRule[];
  readonly egress: readonly PolicyRule[];
}

export interface NamedPort {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
}

/** A pod, as far as Calico is concerned. */
export interface Workload {
  /** `NAMESPACE/POD`. */
  readonly name: string;
  readonly node: string;
  readonly device: string;
  readonly addresses: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly profiles: readonly string[];
  readonly ports: readonly NamedPort[];
  /** Prefixes that it may send from although they are not its own. */
  readonly spoofed: readonly string[];
  /** Annotations that ask for what is not modelled. */
  readonly refused: readonly string[];
}

/** An interface of a node that policies are about. */
export interface HostEndpoint {
  readonly name: string;
  readonly node: string;
  /** `*` is all. */
  readonly device: string;
  readonly addresses: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly profiles: readonly string[];
  readonly ports: readonly NamedPort[];
}

/** Addresses under labels, of no endpoint. */
export interface NetworkSet {
  readonly name: string;
  readonly nets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly profiles: readonly string[];
}

export interface Tier {
  readonly name: string;
  readonly order: number;
  readonly defaultAction: "Deny" | "Pass";
}

export const ANYWHERE: Side = {
  nets: [],
  notNets: [],
  selector: "",
  notSelector: "",
  ports: [],
  notPorts: [],
  service: "",
};

export const DEFAULT_TIER = "default";

export const LABELS = {
  namespace: "projectcalico.org/namespace",
  orchestrator: "projectcalico.org/orchestrator",
  serviceAccount: "projectcalico.org/serviceaccount",
  name: "projectcalico.org/name",
} as const;
/** What labels of namespaces and of service accounts begin with where their endpoints inherit them. */
export const NAMESPACE_PREFIX = "pcns.";
export const SERVICE_ACCOUNT_PREFIX = "pcsa.";
