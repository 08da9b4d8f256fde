import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseManifest } from "../../formats/manifest.ts";
import { bundledFile } from "./index.ts";
import { TEXTS } from "./texts.ts";

const DATA = fileURLToPath(new URL("../data/", import.meta.url));
const GITHUB = "https://raw.githubusercontent.com";

describe("the addresses that documentation gives", () => {
  test.each([
    ["https://github.com/flannel-io/flannel/releases/latest/download/kube-flannel.yml", "kube-flannel-ds"],
    [`${GITHUB}/flannel-io/flannel/master/Documentation/kube-flannel.yml`, "kube-flannel-ds"],
    [`${GITHUB}/coreos/flannel/master/Documentation/kube-flannel.yml`, "kube-flannel-ds"],
    [`${GITHUB}/projectcalico/calico/v3.31.0/manifests/calico.yaml`, "calico-kube-controllers"],
    [
      `${GITHUB}/kubernetes/ingress-nginx/controller-v1.15.1/deploy/static/provider/baremetal/deploy.yaml`,
      "type: NodePort",
    ],
    [
      `${GITHUB}/kubernetes/ingress-nginx/main/deploy/static/provider/cloud/deploy.yaml`,
      "type: LoadBalancer",
    ],
    [
      "https://github.com/kubernetes/ingress-nginx/raw/refs/heads/main/deploy/static/provider/kind/deploy.yaml",
      "hostPort: 443",
    ],
    [`${GITHUB}/k8snetworkplumbingwg/multus-cni/master/deployments/multus-daemonset.yml`, "thin_entrypoint"],
    [
      `${GITHUB}/cloudnativelabs/kube-router/v2.11/daemonset/kube-router-firewall-daemonset.yaml`,
      "--run-firewall=true",
    ],
    ["https://kind.sigs.k8s.io/examples/ingress/usage.yaml", "example-ingress"],
    ["https://k8s.io/examples/application/guestbook/redis-leader-deployment.yaml", "redis-leader"],
    ["https://kubernetes.io/examples/controllers/replication.yaml", "ReplicationController"],
    [
      `${GITHUB}/kubernetes/website/main/content/en/examples/service/networking/minimal-ingress.yaml`,
      "rewrite-target",
    ],
    [
      `${GITHUB}/kubernetes/examples/master/web/guestbook/all-in-one/guestbook-all-in-one.yaml`,
      "redis-master",
    ],
    [
      `${GITHUB}/kubernetes/examples/master/guestbook/legacy/frontend-controller.yaml`,
      "ReplicationController",
    ],
  ])("%s", (url, content) => {
    const file = bundledFile(url);
    expect(file.kind === "text" ? file.text : "").toContain(content);
  });
});

test.each([
  ["https://github.com/flannel-io/flannel/releases/download/v0.20.0/kube-flannel.yml", "flannel", "v0.28.9"],
  [`${GITHUB}/projectcalico/calico/v3.27.0/manifests/tigera-operator.yaml`, "Calico", "Tigera operator"],
  [
    `${GITHUB}/k8snetworkplumbingwg/multus-cni/master/deployments/multus-daemonset-thick.yml`,
    "Multus",
    "thin form",
  ],
  [
    `${GITHUB}/kubernetes/ingress-nginx/controller-v1.0.0/deploy/static/provider/baremetal/deploy.yaml`,
    "ingress-nginx",
    "controller-v1.15.1",
  ],
])("another version or form is refused by name: %s", (url, project, why) => {
  expect(bundledFile(url)).toMatchObject({ kind: "other", project });
  expect(bundledFile(url)).toHaveProperty("why", expect.stringContaining(why));
});

test.each(["https://example.org/a.yaml", "https://k8s.io/examples/no/such.yaml", "http://k8s.io/"])(
  "%s is unknown",
  (url) => {
    expect(bundledFile(url)).toEqual({ kind: "unknown" });
  },
);

test("every bundled file is under its own path, is YAML, and has its source named", () => {
  const sources = readFileSync(`${DATA}SOURCES.md`, "utf8");
  const found = readdirSync(DATA, { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.ya?ml$/.test(path),
  );
  // The one that a test world uses beside them.
  expect([...TEXTS.keys(), "kube-router-firewall.yaml"].toSorted()).toEqual(found.toSorted());
  for (const [path, text] of TEXTS) {
    expect(text).toBe(readFileSync(`${DATA}${path}`, "utf8"));
    const parsed = parseManifest(text);
    expect([path, parsed.error]).toEqual([path, undefined]);
    expect(parsed.documents.length).toBeGreaterThan(0);
    const named = path.startsWith("examples/") ? "examples/" : path;
    expect([path, sources.includes(`\`${named}\``)]).toEqual([path, true]);
  }
});
