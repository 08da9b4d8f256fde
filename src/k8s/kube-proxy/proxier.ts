import type { Result } from "../../base/result.ts";
import type { Address } from "../../formats/iptables/address.ts";
import type { Nanos } from "../../sim/time.ts";
import type { Ipv4Prefix } from "../../wire/address.ts";
import type { Endpoint, NodePlace } from "./endpoint.ts";
import type { LocalDetector } from "./local-detector.ts";
import type { ProxyFamily, Range, ServicePort } from "./service-port.ts";

/** A service port with what is behind it. */
export interface Backed {
  readonly port: ServicePort;
  readonly endpoints: readonly Endpoint[];
}

/** What every mode is told when it begins. */
export interface ProxyConfig {
  readonly family: ProxyFamily;
  readonly node: NodePlace;
  readonly nodeIp: Address | undefined;
  readonly masqueradeAll: boolean;
  readonly detector: LocalDetector | undefined;
  readonly localhostNodePorts: boolean;
  /** Ranges of addresses that answer node ports; empty for all. */
  readonly nodePortAddresses: readonly Range[];
  /** More than a thousand endpoints: comments are left out where there are many. */
  readonly large: boolean;
}

/** What the cluster wants of this node at one moment. */
export interface Wanted {
  readonly backed: readonly Backed[];
  /** The node's own addresses that answer node ports. */
  readonly nodeAddresses: readonly Address[];
  /** Where ClusterIPs are taken from, as far as the API server tells. */
  readonly serviceCidrs: readonly Ipv4Prefix[];
  readonly now: Nanos;
}

/** One way to bring Services about. Models: pkg/proxy Provider. */
export interface Proxier {
  /** Writes what changed. The error is the kernel's. */
  sync(wanted: Wanted): Result<void, string>;
  /** When there is something left to do although nothing changes. */
  readonly due?: Nanos | undefined;
  stop?(): void;
}
