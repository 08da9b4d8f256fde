import { TEXTS } from "./texts.ts";

/** Files of a project, under the addresses that its documentation gives. */
interface Project {
  readonly name: string;
  /** What of it is here: for people whose address leads to nothing. */
  readonly here: string;
  /** An address and the path under `data` of the file behind it; `$1` is what the address's first group matched. */
  readonly files: readonly (readonly [address: RegExp, path: string])[];
  /** Addresses whose file does what is not modelled, or is another version than ours, and what to take instead. */
  readonly refused?: readonly (readonly [address: RegExp, why: string])[];
}

/** A GitHub repository's raw files at one of these branches and tags, however they are addressed. */
function raw(repository: string, refs: string, path: string): RegExp {
  const hosts = `raw\\.githubusercontent\\.com/${repository}/(?:refs/(?:heads|tags)/)?|github\\.com/${repository}/raw/(?:refs/(?:heads|tags)/)?`;
  return new RegExp(`^https://(?:${hosts})(?:${refs})/${path}$`);
}

/** Any ref at all: asked after the right ones. */
const ANY = "[^/]+";
const KUBERNETES_EXAMPLES = "(?:kubernetes\\.io|k8s\\.io)/examples";
const INGRESS_NGINX = "deploy/static/provider/(baremetal|cloud|kind)/deploy\\.yaml";
const MULTUS = "k8snetworkplumbingwg/multus-cni";
const KUBE_ROUTER = "cloudnativelabs/kube-router";
const GUESTBOOK = "(?:web/)?guestbook";

/** Adding a file is adding it under `data`, a line to SOURCES.md and texts.ts, and its address here. */
const PROJECTS: readonly Project[] = [
  {
    name: "flannel",
    here: "kube-flannel.yml of v0.28.9",
    files: [
      [
        /^https:\/\/github\.com\/flannel-io\/flannel\/releases\/(?:latest\/download|download\/v0\.28\.9)\/kube-flannel\.yml$/,
        "kube-flannel.yml",
      ],
      [
        raw("(?:flannel-io|coreos)/flannel", "master|main|v0\\.28\\.9", "Documentation/kube-flannel\\.yml"),
        "kube-flannel.yml",
      ],
    ],
    refused: [
      [
        /^https:\/\/[^/]+\/(?:flannel-io|coreos)\/flannel\/.*kube-flannel\.yml$/,
        "this is flannel v0.28.9: take https://github.com/flannel-io/flannel/releases/latest/download/kube-flannel.yml",
      ],
    ],
  },
  {
    name: "Calico",
    here: "calico.yaml of v3.31.0",
    files: [
      [raw("projectcalico/calico", "v3\\.31\\.0|master", "manifests/calico\\.yaml"), "calico.yaml"],
      [/^https:\/\/docs\.projectcalico\.org\/manifests\/calico\.yaml$/, "calico.yaml"],
    ],
    refused: [
      [
        /calico.*\/manifests\/calico\.yaml$/,
        "this is Calico v3.31.0: take https://raw.githubusercontent.com/projectcalico/calico/v3.31.0/manifests/calico.yaml",
      ],
      [
        /calico.*\/(?:tigera-operator|custom-resources|operator-crds)\.yaml$/,
        "the Tigera operator is not modelled: take https://raw.githubusercontent.com/projectcalico/calico/v3.31.0/manifests/calico.yaml",
      ],
    ],
  },
  {
    name: "ingress-nginx",
    here: "deploy.yaml of controller-v1.15.1 for the providers baremetal, cloud and kind",
    files: [
      [
        raw("kubernetes/ingress-nginx", "controller-v1\\.15\\.1|main", INGRESS_NGINX),
        "ingress-nginx/deploy-$1.yaml",
      ],
    ],
    refused: [
      [
        raw("kubernetes/ingress-nginx", ANY, INGRESS_NGINX),
        "this is controller-v1.15.1: take https://raw.githubusercontent.com/kubernetes/ingress-nginx/controller-v1.15.1/deploy/static/provider/baremetal/deploy.yaml",
      ],
      [
        raw("kubernetes/ingress-nginx", ANY, "deploy/static/provider/.*"),
        "other providers' clouds are not modelled: take the provider cloud, baremetal or kind",
      ],
      [
        /^https:\/\/kind\.sigs\.k8s\.io\/examples\/ingress\/deploy-ingress-nginx\.yaml$/,
        "kind's copy is of v1.12.1, this is v1.15.1: take https://raw.githubusercontent.com/kubernetes/ingress-nginx/controller-v1.15.1/deploy/static/provider/kind/deploy.yaml",
      ],
    ],
  },
  {
    name: "Multus",
    here: "multus-daemonset.yml, the thin form",
    files: [[raw(MULTUS, "master", "deployments/multus-daemonset\\.yml"), "multus-daemonset.yml"]],
    refused: [
      [
        raw(MULTUS, ANY, "deployments/multus-daemonset-(?:thick|crio)\\.yml"),
        "only the thin form of Multus is modelled: take https://raw.githubusercontent.com/k8snetworkplumbingwg/multus-cni/master/deployments/multus-daemonset.yml",
      ],
    ],
  },
  {
    name: "kube-router",
    here: "kube-router-firewall-daemonset.yaml of v2.11.1",
    files: [
      [
        raw(KUBE_ROUTER, "v2\\.11(?:\\.1)?|master", "daemonset/kube-router-firewall-daemonset\\.yaml"),
        "kube-router-firewall-daemonset.yaml",
      ],
    ],
    refused: [
      [
        raw(KUBE_ROUTER, ANY, "daemonset/.*"),
        "of kube-router only the enforcement of network policies is modelled",
      ],
    ],
  },
  {
    name: "kind",
    here: "the examples ingress/usage.yaml and loadbalancer/usage.yaml",
    files: [
      [
        /^https:\/\/kind\.sigs\.k8s\.io\/examples\/(ingress|loadbalancer)\/usage\.yaml$/,
        "kind/$1-usage.yaml",
      ],
    ],
  },
  {
    name: "the guestbook",
    here: "guestbook-all-in-one.yaml, the legacy controllers, and kubernetes.io's six files",
    files: [
      [
        raw("kubernetes/examples", "master", `${GUESTBOOK}/all-in-one/guestbook-all-in-one\\.yaml`),
        "guestbook-all-in-one.yaml",
      ],
      [
        raw("kubernetes/examples", "master", `${GUESTBOOK}/legacy/([a-z-]+)\\.yaml`),
        "guestbook-legacy-$1.yaml",
      ],
    ],
  },
  {
    name: "Kubernetes' documentation",
    here: "https://k8s.io/examples/: admin/dns, application, controllers, pods and service, as far as they are about networks",
    files: [
      [new RegExp(`^https?://(?:www\\.)?${KUBERNETES_EXAMPLES}/(.+\\.yaml)$`), "examples/$1"],
      [raw("kubernetes/website", "main|master", "content/en/examples/(.+\\.yaml)"), "examples/$1"],
    ],
  },
];

export type BundledFile =
  | { readonly kind: "text"; readonly text: string }
  /** A file of a project that is here, but not this file; `why` ends with what to take instead. */
  | { readonly kind: "other"; readonly project: string; readonly why: string }
  | { readonly kind: "unknown" };

/** The file that stands for what lies behind an address. */
export function bundledFile(url: string): BundledFile {
  const address = url.replace(/[?#].*$/, "");
  for (const project of PROJECTS) {
    for (const [pattern, path] of project.files) {
      const found = pattern.exec(address);
      const text = found === null ? undefined : TEXTS.get(path.replace("$1", found[1] ?? ""));
      if (text !== undefined) return { kind: "text", text };
    }
    const refused = project.refused?.find(([pattern]) => pattern.test(address));
    if (refused !== undefined) return { kind: "other", project: project.name, why: refused[1] };
  }
  return { kind: "unknown" };
}

/** What is here, a line a project. */
export const BUNDLED_PROJECTS: readonly string[] = PROJECTS.map(({ name, here }) => `${name}: ${here}`);
