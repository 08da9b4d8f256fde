import type { Ipv4, Ipv4Prefix } from "../../../wire/address.ts";

/** What bird.cfg says, as far as Calico's templates go. */

/** A prefix that stands for itself, or for those within it whose length is in the bounds. */
export interface PrefixPattern {
  readonly prefix: Ipv4Prefix;
  readonly min: number;
  readonly max: number;
}

export type Value =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "bool"; readonly bool: boolean }
  | { readonly kind: "ip"; readonly ip: Ipv4 }
  | { readonly kind: "prefix"; readonly prefix: Ipv4Prefix }
  | { readonly kind: "prefixes"; readonly patterns: readonly PrefixPattern[] }
  | { readonly kind: "names"; readonly names: readonly string[] }
  | { readonly kind: "void" };

export type Expression =
  | { readonly kind: "value"; readonly value: Value }
  /** An attribute of the route (net, ifname, bgp_next_hop, source) or a function's argument. */
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "defined"; readonly name: string }
  | { readonly kind: "not"; readonly inner: Expression }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: "compare";
      readonly operator: "=" | "!=" | "~" | "!~";
      readonly left: Expression;
      readonly right: Expression;
    };

export type Statement =
  | { readonly kind: "accept" | "reject" }
  | { readonly kind: "block"; readonly body: readonly Statement[] }
  | {
      readonly kind: "if";
      readonly test: Expression;
      readonly then: Statement;
      readonly otherwise: Statement | undefined;
    }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: "assign"; readonly name: string; readonly value: Expression }
  /** `bgp_community.add((64512, 1))`: the pair as one number. */
  | { readonly kind: "community"; readonly community: number };

export interface FunctionDefinition {
  readonly parameters: readonly string[];
  readonly body: readonly Statement[];
}

export type Filter =
  | { readonly kind: "all" | "none" }
  | { readonly kind: "body"; readonly name: string; readonly body: readonly Statement[] };

interface Named {
  readonly name: string;
}

export interface BgpConfig extends Named {
  readonly kind: "bgp";
  readonly description: string;
  readonly localAs: number;
  readonly neighbor: Ipv4;
  readonly neighborPort: number;
  readonly neighborAs: number;
  readonly source: Ipv4 | undefined;
  readonly passive: boolean;
  readonly importFilter: Filter;
  readonly exportFilter: Filter;
  readonly rrClient: boolean;
  readonly rrClusterId: Ipv4 | undefined;
  readonly nextHop: "auto" | "self" | "keep";
  readonly addPaths: boolean;
  readonly gracefulRestart: boolean;
  /** All in seconds. */
  readonly restartTime: number;
  readonly connectDelay: number;
  readonly connectRetry: number;
  readonly errorWaitMin: number;
  readonly errorWaitMax: number;
  readonly holdTime: number;
}

export interface StaticConfig extends Named {
  readonly kind: "static";
  readonly routes: readonly { readonly prefix: Ipv4Prefix; readonly via: Ipv4 | undefined }[];
}

export interface KernelConfig extends Named {
  readonly kind: "kernel";
  readonly learn: boolean;
  readonly persist: boolean;
  /** Seconds. */
  readonly scanTime: number;
  readonly mergePaths: boolean;
  readonly exportFilter: Filter;
}

export interface DeviceConfig extends Named {
  readonly kind: "device";
}

export interface DirectConfig extends Named {
  readonly kind: "direct";
  /** Patterns with `*`; a leading `-` excludes. */
  readonly interfaces: readonly string[];
}

export type ProtocolConfig = BgpConfig | StaticConfig | KernelConfig | DeviceConfig | DirectConfig;

export interface BirdConfig {
  readonly routerId: Ipv4 | undefined;
  readonly listenAddress: Ipv4 | undefined;
  readonly listenPort: number;
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
  readonly protocols: readonly ProtocolConfig[];
}

/** `cali*` and the like: `*` is any text, `?` any letter. */
export function matchesPattern(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*/g, ".*").replace(/\?/g, ".")}$`).test(text);
}

/** Whether a list of patterns takes an interface: the first that fits decides. */
export function takesInterface(patterns: readonly string[], name: string): boolean {
  for (const pattern of patterns) {
    const excluded = pattern.startsWith("-");
    if (matchesPattern(excluded ? pattern.slice(1) : pattern, name)) return !excluded;
  }
  return false;
}
