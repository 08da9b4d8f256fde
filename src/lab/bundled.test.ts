import { expect, test } from "vitest";
import { firstLight } from "../scenario/first-light.ts";
import { openLab } from "./index.ts";
import { loadUserland } from "./programs.ts";

/** As a page's worker does it: what is missing comes while the world stands still. */
async function act(
  lab: ReturnType<typeof opened>,
  command: string,
): Promise<{ status: number; said: string; now: number }> {
  let said = "";
  const run = lab.act({ kind: "shell", at: "", command }, (_, text) => {
    said += text;
  });
  if (!run.ok) throw new Error(run.error.message);
  for (;;) {
    const status = run.value.step();
    if (status !== undefined) return { status, said, now: lab.now() };
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

function opened() {
  const lab = openLab({ ...firstLight, manifests: [] });
  if (!lab.ok) throw new Error(lab.error.message);
  while (lab.value.start.step() === undefined);
  return lab.value.lab;
}

const URL = "https://k8s.io/examples/service/nginx-service.yaml";

test("a bundled manifest is fetched when a command first names its address, in no time of the world", async () => {
  await loadUserland();
  const first = await act(opened(), `kubectl apply -f ${URL}`);
  expect(first).toMatchObject({ status: 0, said: "service/nginx-service created\n" });
  expect(await act(opened(), `kubectl apply -f ${URL}`)).toEqual(first);
});

test("another address is refused with what there is", async () => {
  await loadUserland();
  const { status, said } = await act(opened(), "kubectl delete -f https://example.org/x.yaml");
  expect(status).toBe(95);
  expect(said).toContain(
    "https://example.org/x.yaml is not among the bundled files:\n  flannel: kube-flannel.yml",
  );
  expect(said).toContain("save the file and give its path");
});
