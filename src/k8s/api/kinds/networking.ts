import {
  type Described,
  flag,
  int,
  intOrText,
  list,
  may,
  opaque,
  struct,
  text,
  texts,
  unread,
} from "../schema.ts";
import { loadBalancerStatus } from "./core.ts";
import { labelSelector, typeMeta } from "./meta.ts";

const backend = struct("IngressBackend", {
  service: may(
    struct("IngressServiceBackend", {
      name: text,
      port: may(struct("ServiceBackendPort", { name: may(text), number: may(int) })),
    }),
  ),
  resource: may(opaque),
});

export const ingress = struct("Ingress", {
  ...typeMeta,
  spec: may(
    struct("IngressSpec", {
      ingressClassName: may(text),
      defaultBackend: may(backend),
      tls: may(list(struct("IngressTLS", { hosts: may(list(text)), secretName: may(text) }))),
      rules: may(
        list(
          struct("IngressRule", {
            host: may(text),
            http: may(
              struct("HTTPIngressRuleValue", {
                paths: list(struct("HTTPIngressPath", { path: may(text), pathType: may(text), backend })),
              }),
            ),
          }),
        ),
      ),
    }),
  ),
  status: may(struct("IngressStatus", { loadBalancer: may(loadBalancerStatus) })),
});

export const ingressClass = struct("IngressClass", {
  ...typeMeta,
  spec: may(
    struct("IngressClassSpec", {
      controller: may(text),
      parameters: may(
        struct("IngressClassParametersReference", {
          apiGroup: may(text),
          kind: text,
          name: text,
          scope: may(text),
          namespace: may(text),
        }),
      ),
    }),
  ),
});

/** Where ClusterIPs are taken from. */
export const serviceCidr = struct("ServiceCIDR", {
  ...typeMeta,
  spec: may(struct("ServiceCIDRSpec", { cidrs: may(list(text)) })),
  status: may(opaque),
});

const peer = struct("NetworkPolicyPeer", {
  podSelector: may(labelSelector),
  namespaceSelector: may(labelSelector),
  ipBlock: may(struct("IPBlock", { cidr: text, except: may(list(text)) })),
});

const policyPort = struct("NetworkPolicyPort", {
  port: may(intOrText),
  endPort: may(int),
  protocol: may(text),
});

export const networkPolicy = struct("NetworkPolicy", {
  ...typeMeta,
  spec: may(
    struct("NetworkPolicySpec", {
      podSelector: may(labelSelector),
      policyTypes: may(list(text)),
      ingress: may(
        list(struct("NetworkPolicyIngressRule", { from: may(list(peer)), ports: may(list(policyPort)) })),
      ),
      egress: may(
        list(struct("NetworkPolicyEgressRule", { to: may(list(peer)), ports: may(list(policyPort)) })),
      ),
    }),
  ),
  ...unread(["status"]),
});

export const endpointSlice = struct("EndpointSlice", {
  ...typeMeta,
  addressType: text,
  endpoints: may(
    list(
      struct("Endpoint", {
        addresses: list(text),
        conditions: may(
          struct("EndpointConditions", { ready: may(flag), serving: may(flag), terminating: may(flag) }),
        ),
        hostname: may(text),
        nodeName: may(text),
        zone: may(text),
        targetRef: may(
          struct("ObjectReference", {
            kind: may(text),
            name: may(text),
            namespace: may(text),
            uid: may(text),
            ...unread(["apiVersion", "resourceVersion", "fieldPath"]),
          }),
        ),
        deprecatedTopology: may(texts),
        hints: may(
          struct("EndpointHints", {
            forZones: may(list(struct("ForZone", { name: text }))),
            forNodes: may(list(struct("ForNode", { name: text }))),
          }),
        ),
      }),
    ),
  ),
  ports: may(
    list(
      struct("EndpointPort", {
        name: may(text),
        port: may(int),
        protocol: may(text),
        appProtocol: may(text),
      }),
    ),
  ),
});

export type Endpoint = NonNullable<Described<typeof endpointSlice>["endpoints"]>[number];
