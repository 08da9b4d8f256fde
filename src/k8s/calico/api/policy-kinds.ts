import * as v from "valibot";
import { type Described, flag, int, list, may, text, texts } from "../../api/schema.ts";

/** Policies as they are stored. Models: api/pkg/apis/projectcalico/v3 policy_common.go. */

const numberOrText = v.union([v.number(), text]);
const icmp = v.looseObject({ type: may(int), code: may(int) });

const entityRule = v.looseObject({
  nets: may(list(text)),
  notNets: may(list(text)),
  selector: may(text),
  notSelector: may(text),
  namespaceSelector: may(text),
  /** 80, "8000:8100", or the name of a container's port. */
  ports: may(list(numberOrText)),
  notPorts: may(list(numberOrText)),
  serviceAccounts: may(v.looseObject({ names: may(list(text)), selector: may(text) })),
  services: may(v.looseObject({ name: may(text), namespace: may(text) })),
});

const rule = v.looseObject({
  action: v.picklist(["Allow", "Deny", "Log", "Pass"]),
  ipVersion: may(int),
  protocol: may(numberOrText),
  notProtocol: may(numberOrText),
  icmp: may(icmp),
  notICMP: may(icmp),
  source: may(entityRule),
  destination: may(entityRule),
});

const policy = {
  tier: may(text),
  order: may(v.number()),
  selector: may(text),
  serviceAccountSelector: may(text),
  types: may(list(v.picklist(["Ingress", "Egress"]))),
  ingress: may(list(rule)),
  egress: may(list(rule)),
};

export const networkPolicySpec = v.looseObject(policy);
export const globalNetworkPolicySpec = v.looseObject({
  ...policy,
  namespaceSelector: may(text),
  doNotTrack: may(flag),
  preDNAT: may(flag),
  applyOnForward: may(flag),
});
export const networkSetSpec = v.looseObject({ nets: may(list(text)), labels: may(texts) });
export const tierSpec = v.looseObject({
  order: may(v.number()),
  defaultAction: may(v.picklist(["Deny", "Pass"])),
});

export type PolicyRule = Described<typeof rule>;
export type EntityRule = Described<typeof entityRule>;
export type PolicySpec = Described<typeof globalNetworkPolicySpec>;
