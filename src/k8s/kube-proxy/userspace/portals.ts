import type { Address } from "../../../formats/iptables/address.ts";
import type { XtMatch, XtRule } from "../../../kernel/uapi/index.ts";
import { comment, jump, toPort, toService } from "../iptables/build.ts";
import type { Chains, StaticJump } from "../iptables/chain-writer.ts";
import { portId, type ServicePort } from "../service-port.ts";

/** A service port that somebody listens for. */
export interface Portal {
  readonly port: ServicePort;
  readonly proxyPort: number;
}

const TO_LOCAL: XtMatch = { kind: "addrtype", dest: { types: ["LOCAL"] } };
const portals = comment("handle ClusterIPs; NOTE: this must be before the NodePort rules");
const nodePorts = comment("handle service NodePorts; NOTE: this must be the last rule in the chain");

/** In the order in which they are ensured. Models: iptablesInit of pkg/proxy/userspace. */
export const JUMPS: readonly StaticJump[] = [
  { table: "nat", from: "PREROUTING", rule: { matches: [portals], ...jump("KUBE-PORTALS-CONTAINER") } },
  { table: "nat", from: "OUTPUT", rule: { matches: [portals], ...jump("KUBE-PORTALS-HOST") } },
  {
    table: "nat",
    from: "PREROUTING",
    rule: { matches: [TO_LOCAL, nodePorts], ...jump("KUBE-NODEPORT-CONTAINER") },
    last: true,
  },
  {
    table: "nat",
    from: "OUTPUT",
    rule: { matches: [TO_LOCAL, nodePorts], ...jump("KUBE-NODEPORT-HOST") },
    last: true,
  },
  {
    table: "filter",
    from: "INPUT",
    rule: {
      matches: [comment("Ensure that non-local NodePort traffic can flow")],
      ...jump("KUBE-NODEPORT-NON-LOCAL"),
    },
  },
];

/**
 * Two chains for the same thing: what comes in is redirected to the address of the device that it came by, so that the
 * answer matches; what the node itself sends would be redirected to lo, and goes to the node's address instead.
 */
export function portalChains(all: readonly Portal[], hostIp: Address): { nat: Chains; filter: Chains } {
  const container: XtRule[] = [];
  const host: XtRule[] = [];
  const nodeContainer: XtRule[] = [];
  const nodeHost: XtRule[] = [];
  const nonLocal: XtRule[] = [];
  for (const { port, proxyPort } of all) {
    const id = portId(port);
    const redirect: Pick<XtRule, "target"> = {
      target: { kind: "REDIRECT", range: { minPort: proxyPort, maxPort: proxyPort } },
    };
    const dnat: Pick<XtRule, "target"> = {
      target: {
        kind: "DNAT",
        range: { minAddress: hostIp, maxAddress: hostIp, minPort: proxyPort, maxPort: proxyPort },
      },
    };
    const match = toService("ip", port, port.clusterIp, id);
    container.push({ ...match, ...redirect });
    host.push({ ...match, ...dnat });
    for (const address of [...port.externalIps, ...port.loadBalancerIps]) {
      const { matches, ...rest } = toService("ip", port, address, id);
      const outside: XtMatch = { kind: "physdev", isIn: { invert: true } };
      container.push({ ...rest, matches: [...matches, outside], ...redirect });
      container.push({ ...rest, matches: [...matches, TO_LOCAL], ...redirect });
      host.push({ ...rest, matches: [...matches, TO_LOCAL], ...dnat });
    }
    if (port.nodePort === 0) continue;
    const toNode = toPort(port.protocol, id, port.nodePort);
    nodeContainer.push({ ...toNode, ...redirect });
    nodeHost.push({ ...toNode, ...dnat });
    const { matches, ...rest } = toPort(port.protocol, id, proxyPort);
    const fresh: XtMatch = { kind: "state", states: ["NEW"] };
    nonLocal.push({ ...rest, matches: [...matches, fresh], target: { kind: "ACCEPT" } });
  }
  return {
    nat: new Map([
      ["KUBE-PORTALS-CONTAINER", container],
      ["KUBE-PORTALS-HOST", host],
      ["KUBE-NODEPORT-CONTAINER", nodeContainer],
      ["KUBE-NODEPORT-HOST", nodeHost],
    ]),
    filter: new Map([["KUBE-NODEPORT-NON-LOCAL", nonLocal]]),
  };
}
