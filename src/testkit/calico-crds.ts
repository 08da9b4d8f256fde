import { CALICO_SPECS, type CalicoKind } from "../k8s/calico/api/kinds.ts";
import type { ApiStore } from "../k8s/api/index.ts";

const NAMESPACED: ReadonlySet<CalicoKind> = new Set(["NetworkPolicy", "NetworkSet"]);

function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  return lower.endsWith("y") ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

/** For tests: the CRDs of calico.yaml without their schemas. */
export function serveCalicoKinds(store: ApiStore): void {
  for (const kind of Object.keys(CALICO_SPECS) as CalicoKind[]) {
    const plural = pluralOf(kind);
    store.create("test", "CustomResourceDefinition", {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `${plural}.crd.projectcalico.org` },
      spec: {
        group: "crd.projectcalico.org",
        scope: NAMESPACED.has(kind) ? "Namespaced" : "Cluster",
        names: { kind, plural, singular: kind.toLowerCase() },
        versions: [{ name: "v1", served: true, storage: true }],
      },
    } as never);
  }
}
