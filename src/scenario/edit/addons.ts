import type { Scenario } from "../schema.ts";
import { pluginOf } from "./plugins.ts";

/** What makes an object work that by itself is only written down. */
export type Addon = "ingress" | "policies";

/** All that the scenario applies or types. */
function texts({ manifests, script = "", setup = "" }: Scenario): string {
  return [...manifests.map(({ yaml }) => yaml), script, setup].join("\n");
}

/** Images and addresses of controllers that serve Ingresses. */
const INGRESS =
  /ingress-nginx\/(?:controller|controller-chroot)\b|kubernetes\/ingress-nginx|\btraefik\b|haproxy-ingress/;
/** Who writes rules for NetworkPolicies, beside Calico. */
const POLICIES = /cloudnativelabs\/kube-router|kube-network-policies|calico-node|cilium/;

/** What an object of this kind waits for in vain. */
export function missingAddon(scenario: Scenario, kind: string): Addon | undefined {
  if (kind === "Ingress") return INGRESS.test(texts(scenario)) ? undefined : "ingress";
  if (kind !== "NetworkPolicy") return undefined;
  return pluginOf(scenario) === "calico" || POLICIES.test(texts(scenario)) ? undefined : "policies";
}

const FILES: Readonly<Record<Addon, string>> = {
  ingress: "ingress-nginx.yaml",
  policies: "kube-router-firewall.yaml",
};

/** The scenario with its manifest: before the objects of the reader's own, which need it. */
export function installAddon(scenario: Scenario, addon: Addon, yaml: string): Scenario {
  const file = { name: FILES[addon], yaml, after: "nodes-ready" } as const;
  return { ...scenario, manifests: [...scenario.manifests, file] };
}
