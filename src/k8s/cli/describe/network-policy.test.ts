import { expect, it } from "vitest";
import { ControlPlane } from "../../../testkit/control-plane.ts";

const POLICIES = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny-all}
spec: {podSelector: {}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, labels: {team: a}}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress:
  - from:
    - namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [shop]}]}
      podSelector: {matchLabels: {role: front}}
    - ipBlock: {cidr: 192.168.0.0/16, except: [192.168.3.0/24, 192.168.4.0/24]}
    ports: [{port: 80}, {port: http, protocol: TCP}]
  - {}
  egress:
  - to: [{namespaceSelector: {}}]
    ports: [{port: 53, protocol: UDP}]
  - ports: [{port: 443}]
`;

it("describes network policies", () => {
  const world = new ControlPlane();
  world.write("/netpol.yaml", POLICIES);
  expect(world.run("kubectl apply -f /netpol.yaml").text).toBe(
    "networkpolicy.networking.k8s.io/deny-all created\nnetworkpolicy.networking.k8s.io/web created\n",
  );
  expect(world.run("kubectl describe netpol").text).toBe(`Name:         deny-all
Namespace:    default
Created on:   2026-01-01 00:00:10 +0000 UTC
Labels:       <none>
Annotations:  <none>
Spec:
  PodSelector:     <none> (Allowing the specific traffic to all pods in this namespace)
  Allowing ingress traffic:
    <none> (Selected pods are isolated for ingress connectivity)
  Not affecting egress traffic
  Policy Types: Ingress


Name:         web
Namespace:    default
Created on:   2026-01-01 00:00:10 +0000 UTC
Labels:       team=a
Annotations:  <none>
Spec:
  PodSelector:     app=web
  Allowing ingress traffic:
    To Port: 80/TCP
    To Port: http/TCP
    From:
      NamespaceSelector: kubernetes.io/metadata.name in (shop)
      PodSelector: role=front
    From:
      IPBlock:
        CIDR: 192.168.0.0/16
        Except: 192.168.3.0/24, 192.168.4.0/24
    ----------
    To Port: <any> (traffic allowed to all ports)
    From: <any> (traffic not restricted by source)
  Allowing egress traffic:
    To Port: 53/UDP
    To:
      NamespaceSelector: <none>
    ----------
    To Port: 443/TCP
    To: <any> (traffic not restricted by destination)
  Policy Types: Ingress, Egress
`);
});
