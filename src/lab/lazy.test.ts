import { expect, test } from "vitest";
import { firstLight } from "../scenario/first-light.ts";
import { type LabRun, openLab } from "./index.ts";
import { needsUserland } from "./needs.ts";
import { loadCluster, loadUserland } from "./programs.ts";

function finish(run: LabRun): number {
  for (;;) {
    const status = run.step();
    if (status !== undefined) return status;
  }
}

function opened(): ReturnType<typeof openLab> & { ok: true } {
  const lab = openLab(firstLight);
  if (!lab.ok) throw new Error(lab.error.message);
  return lab;
}

test("what only some clusters run is fetched before the world begins", () => {
  const [flannel] = firstLight.manifests;
  if (flannel === undefined) throw new Error("no manifest");
  const withManifest = (yaml: string) => ({ ...firstLight, manifests: [{ name: "x.yaml", yaml }] });
  expect(needsUserland(withManifest(flannel.yaml.replace('"vxlan"', '"host-gw"')))).toBe(true);
  expect(needsUserland(withManifest("image: cloudnativelabs/kube-router:v2"))).toBe(true);
  expect(needsUserland(withManifest('{ "type": "ipvlan" }'))).toBe(true);
  expect(
    needsUserland({
      ...firstLight,
      cluster: "networking:\n  disableDefaultCNI: true\n  kubeProxyMode: ipvs",
    }),
  ).toBe(true);
});

test.each([
  ["plainly", (n: number) => "- role: worker\n".repeat(n)],
  ["as JSON", (n: number) => `  [${Array.from({ length: n }, () => '{"role": "worker"}').join(", ")}]\n`],
  ["by aliases", (n: number) => `- &w {role: worker}\n${"- *w\n".repeat(n - 1)}`],
])("a cluster so large that it sleeps needs more code, written %s", (_, nodes) => {
  const cluster = (n: number): string => `networking:\n  disableDefaultCNI: true\nnodes:\n${nodes(n)}`;
  expect(needsUserland({ ...firstLight, cluster: cluster(20) })).toBe(false);
  expect(needsUserland({ ...firstLight, cluster: cluster(51) })).toBe(true);
});

test("the first scenario starts without the userland, and goes on alike when that comes later", async () => {
  expect(needsUserland(firstLight)).toBe(false);
  await loadCluster();
  const early = opened().value;
  // No shell and no command is loaded yet: running one would throw.
  expect(finish(early.start)).toBe(0);
  const before = { now: early.lab.now(), records: early.lab.traceLength() };
  await loadUserland();
  const late = opened().value;
  expect(finish(late.start)).toBe(0);
  expect({ now: late.lab.now(), records: late.lab.traceLength() }).toEqual(before);
  const after = [early, late].map(({ lab }) => {
    let text = "";
    const run = lab.act({ kind: "shell", at: "", command: "ip -br link; hostname" }, (_, part) => {
      text += part;
    });
    if (!run.ok) throw new Error(run.error.message);
    return [finish(run.value), text, lab.now(), lab.traceLength()];
  });
  expect(after[0]).toEqual(after[1]);
  expect(after[0]?.[1]).toContain("lo");
});
