import type { Scenario } from "../schema.ts";
import { addObject, freshName, objectsOf } from "./objects.ts";

/** What is dropped on a cluster as an API object. */
export const OBJECT_KINDS = ["Pod", "Deployment", "Service", "Ingress", "NetworkPolicy"] as const;
export type ObjectKind = (typeof OBJECT_KINDS)[number];

const NAMES: Readonly<Record<ObjectKind, string>> = {
  Pod: "web",
  Deployment: "app",
  Service: "web",
  Ingress: "site",
  NetworkPolicy: "only-friends",
};

/** Where an object is dropped. */
export interface Spot {
  /** The node that a pod is put on; without it the scheduler decides. */
  readonly node?: string;
  /** Labels of the pods that a Service or a policy is for. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The Service that an Ingress leads to. */
  readonly service?: string;
}

/** A new object of a kind with a name of its own, and the document that has it. */
export function addKind(
  scenario: Scenario,
  kind: ObjectKind,
  spot: Spot,
): { readonly scenario: Scenario; readonly name: string } {
  const taken = objectsOf(scenario)
    .filter((each) => each.kind === kind)
    .map(({ name }) => name);
  const base = kind === "Service" ? (Object.values(spot.labels ?? {})[0] ?? NAMES.Service) : NAMES[kind];
  const name = freshName(taken, base);
  return { scenario: addObject(scenario, templateOf(kind, name, spot)), name };
}

function templateOf(kind: ObjectKind, name: string, spot: Spot): string {
  switch (kind) {
    case "Pod":
      return pod(name, spot);
    case "Deployment":
      return deployment(name);
    case "Service":
      return service(name, spot);
    case "Ingress":
      return ingress(name, spot);
    case "NetworkPolicy":
      return policy(name, spot);
  }
}

function pod(name: string, { node }: Spot): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  labels:
    app: ${name}
spec:
${node === undefined ? "" : `  nodeName: ${node}\n`}  containers:
  - name: web
    image: nginx:1.29
    ports:
    - containerPort: 80
`;
}

function deployment(name: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 2
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      containers:
      - name: web
        image: nginx:1.29
        ports:
        - containerPort: 80
`;
}

function labelLines(labels: Readonly<Record<string, string>>, indent: string): string {
  return Object.entries(labels)
    .map(([key, value]) => `${indent}${key}: ${JSON.stringify(value)}\n`)
    .join("");
}

function service(name: string, { labels = { app: name } }: Spot): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  type: ClusterIP
  selector:
${labelLines(labels, "    ")}  ports:
  - port: 80
    targetPort: 80
`;
}

function ingress(name: string, spot: Spot): string {
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
spec:
  rules:
  - http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: ${spot.service ?? "web"}
            port:
              number: 80
`;
}

/** Only pods with the same labels may come in. */
function policy(name: string, { labels = { app: "web" } }: Spot): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ${name}
spec:
  podSelector:
    matchLabels:
${labelLines(labels, "      ")}  policyTypes:
  - Ingress
  ingress:
  - from:
    - podSelector:
        matchLabels:
          friend: "true"
`;
}
