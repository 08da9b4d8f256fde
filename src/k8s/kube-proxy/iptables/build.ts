import { prefixMask, type Address } from "../../../formats/iptables/address.ts";
import type { RejectWith, XtMatch, XtRule } from "../../../kernel/uapi/index.ts";
import type { ProxyFamily, Protocol, ServicePort } from "../service-port.ts";
import { portId } from "../service-port.ts";

/** Rules in the form that kube-proxy writes them, part by part. */
export const MASQUERADE_MARK = 0x4000;

const PROTOCOLS: Readonly<Record<Protocol, { number: number; kind: "tcp" | "udp" | "sctp" }>> = {
  TCP: { number: 6, kind: "tcp" },
  UDP: { number: 17, kind: "udp" },
  SCTP: { number: 132, kind: "sctp" },
};

export function comment(text: string): XtMatch {
  return { kind: "comment", text };
}

export function jump(chain: string): Pick<XtRule, "target"> {
  return { target: { kind: "jump", chain } };
}

export function host(family: ProxyFamily, address: Address): { address: Address; mask: Address } {
  return { address, mask: prefixMask(family, family === "ip" ? 32 : 128) };
}

/** `-m comment --comment TEXT -m PROTO -p PROTO [--dport PORT]`. */
export function toPort(
  protocol: Protocol,
  text: string,
  port?: number,
): Pick<XtRule, "protocol" | "matches"> {
  const { number, kind } = PROTOCOLS[protocol];
  const match: XtMatch = { kind, ...(port === undefined ? {} : { dports: { min: port, max: port } }) };
  return { protocol: { number }, matches: [comment(text), match] };
}

/** Everything to one address and port of a service. */
export function toService(
  family: ProxyFamily,
  of: ServicePort,
  address: Address,
  text: string,
  port = of.number,
): Pick<XtRule, "protocol" | "matches" | "dest"> {
  return { dest: host(family, address), ...toPort(of.protocol, text, port) };
}

export function reject(family: ProxyFamily): Pick<XtRule, "target"> {
  const how: RejectWith = family === "ip" ? "icmp-port-unreachable" : "icmp6-port-unreachable";
  return { target: { kind: "REJECT", with: how } };
}

export const DROP: Pick<XtRule, "target"> = { target: { kind: "DROP" } };
export const ACCEPT: Pick<XtRule, "target"> = { target: { kind: "ACCEPT" } };

/** Why nothing is behind a service here: nothing anywhere, or only elsewhere. */
export function emptiness(
  family: ProxyFamily,
  of: ServicePort,
  any: boolean,
): { text: string; target: Pick<XtRule, "target"> } {
  const id = portId(of);
  return any
    ? { text: `${id} has no local endpoints`, target: DROP }
    : { text: `${id} has no endpoints`, target: reject(family) };
}
