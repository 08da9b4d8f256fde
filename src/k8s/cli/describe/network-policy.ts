import { labelSelectorText } from "../../../formats/selector.ts";
import type { LabelSelector, ObjectOf } from "../../api/index.ts";
import { parseTimestamp } from "../../api/time.ts";
import { Sheet } from "./sheet.ts";

type NetworkPolicy = ObjectOf<"NetworkPolicy">;
type Spec = NonNullable<NetworkPolicy["spec"]>;
type Peer = NonNullable<NonNullable<Spec["ingress"]>[number]["from"]>[number];
type Port = NonNullable<NonNullable<Spec["ingress"]>[number]["ports"]>[number];

interface Rule {
  readonly peers: readonly Peer[];
  readonly ports: readonly Port[];
}

const selectorText = (selector: LabelSelector): string => labelSelectorText(selector) || "<none>";

function peer(sheet: Sheet, { podSelector, namespaceSelector, ipBlock }: Peer): void {
  if (namespaceSelector !== undefined) sheet.line(3, `NamespaceSelector: ${selectorText(namespaceSelector)}`);
  if (podSelector !== undefined) sheet.line(3, `PodSelector: ${selectorText(podSelector)}`);
  if (ipBlock === undefined || podSelector !== undefined || namespaceSelector !== undefined) return;
  sheet.line(3, "IPBlock:");
  sheet.line(4, `CIDR: ${ipBlock.cidr}`);
  sheet.line(4, `Except: ${(ipBlock.except ?? []).join(", ")}`);
}

/** `word` stands before the peers: From or To. */
function rules(sheet: Sheet, word: "From" | "To", list: readonly Rule[]): void {
  const [direction, end] = word === "From" ? ["ingress", "source"] : ["egress", "destination"];
  if (list.length === 0) sheet.line(2, `<none> (Selected pods are isolated for ${direction} connectivity)`);
  for (const [i, { ports, peers }] of list.entries()) {
    if (ports.length === 0) sheet.line(2, "To Port: <any> (traffic allowed to all ports)");
    for (const { port = "<nil>", protocol = "TCP" } of ports) sheet.line(2, `To Port: ${port}/${protocol}`);
    if (peers.length === 0) sheet.line(2, `${word}: <any> (traffic not restricted by ${end})`);
    for (const each of peers) {
      sheet.line(2, `${word}:`);
      peer(sheet, each);
    }
    if (i < list.length - 1) sheet.line(2, "----------");
  }
}

/** Go's text of a time, in UTC. */
function created(timestamp: string): string {
  if (parseTimestamp(timestamp) === undefined) return "0001-01-01 00:00:00 +0000 UTC";
  return `${timestamp.slice(0, 10)} ${timestamp.slice(11, 19)} +0000 UTC`;
}

/** Models: kubectl/pkg/describe describeNetworkPolicy. */
export function describeNetworkPolicy({ metadata, spec = {} }: NetworkPolicy): string {
  const sheet = new Sheet();
  const { podSelector = {}, policyTypes = [], ingress = [], egress = [] } = spec;
  sheet.line(0, "Name:", metadata.name);
  sheet.line(0, "Namespace:", metadata.namespace ?? "");
  sheet.line(0, "Created on:", created(metadata.creationTimestamp));
  sheet.labels(0, "Labels", metadata.labels);
  sheet.annotations(0, "Annotations", metadata.annotations);
  sheet.line(0, "Spec:");
  const selected = selectorText(podSelector);
  const all = selected === "<none>" ? " (Allowing the specific traffic to all pods in this namespace)" : "";
  sheet.line(1, `PodSelector:     ${selected}${all}`);
  if (policyTypes.includes("Ingress")) {
    sheet.line(1, "Allowing ingress traffic:");
    rules(
      sheet,
      "From",
      ingress.map(({ from = [], ports = [] }) => ({ peers: from, ports })),
    );
  } else sheet.line(1, "Not affecting ingress traffic");
  if (policyTypes.includes("Egress")) {
    sheet.line(1, "Allowing egress traffic:");
    rules(
      sheet,
      "To",
      egress.map(({ to = [], ports = [] }) => ({ peers: to, ports })),
    );
  } else sheet.line(1, "Not affecting egress traffic");
  sheet.line(1, `Policy Types: ${policyTypes.join(", ")}`);
  return sheet.toString();
}
