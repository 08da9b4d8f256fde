import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeBase64 } from "../../base/base64.ts";
import { firstLight } from "../../scenario/first-light.ts";
import type { Scenario } from "../../scenario/schema.ts";
import { readFragment, writeFragment } from "./fragment.ts";
import { COMFORTABLE_LINK, decodeScenario, encodeScenario } from "./share.ts";

/** A cluster as people build it: three plugins' worth of text, ten Deployments and their Services, forty pods. */
function fortyPods(): Scenario {
  const apps = "shop cart users search mail queue cache stock pay log".split(" ");
  const yaml = apps.map(
    (name, i) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: {app: ${name}}
spec:
  replicas: 4
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}, tier: t${i % 3}}}
    spec:
      containers:
      - name: ${name}
        image: registry.example/${name}:v1.${i}
        ports: [{containerPort: ${8000 + i}}]
---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec:
  selector: {app: ${name}}
  ports: [{port: 80, targetPort: ${8000 + i}}]
`,
  );
  return {
    ...firstLight,
    name: "Forty pods",
    manifests: [...firstLight.manifests, ...yaml.map((text, i) => ({ name: `app-${i}.yaml`, yaml: text }))],
  };
}

it("carries any scenario unchanged, script in names included", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        name: fc.oneof(fc.string(), fc.constant("<img src=x onerror=alert(1)>")),
        seed: fc.integer(),
        manifests: fc.array(fc.record({ name: fc.string(), yaml: fc.string({ unit: "grapheme" }) }), {
          maxLength: 4,
        }),
      }),
      async (parts) => {
        const scenario: Scenario = { version: 1, ...parts };
        expect(await decodeScenario(await encodeScenario(scenario))).toEqual({ ok: true, value: scenario });
      },
    ),
    { numRuns: 100 },
  );
});

it("puts a cluster of forty pods into fewer than 8,000 characters", async () => {
  const payload = await encodeScenario(fortyPods());
  const hash = writeFragment({ source: { kind: "share", payload }, moment: undefined });
  expect(hash.length).toBeLessThan(COMFORTABLE_LINK);
  expect(readFragment(hash).source).toEqual({ kind: "share", payload });
});

it("reads none of a thousand mangled links, and says so each time", async () => {
  const payload = await encodeScenario(fortyPods());
  const mutation = fc.tuple(
    fc.constantFrom("replace", "drop", "insert", "cut", "swap"),
    fc.nat({ max: payload.length - 2 }),
    fc.constantFrom(...Array.from("ABCxyz019-_.%=+/ <\u0000")),
  );
  const mutate = (text: string, [how, at, char]: [string, number, string]): string => {
    if (how === "replace") return text.slice(0, at) + char + text.slice(at + 1);
    if (how === "drop") return text.slice(0, at) + text.slice(at + 1);
    if (how === "insert") return text.slice(0, at) + char + text.slice(at);
    if (how === "cut") return text.slice(0, at);
    return text.slice(0, at) + (text[at + 1] ?? "") + (text[at] ?? "") + text.slice(at + 2);
  };
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
      const mangled = mutations.reduce(mutate, payload);
      fc.pre(mangled !== payload);
      expect((await decodeScenario(mangled)).ok).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

/** A link as somebody would make it who knows the form: a right checksum round anything at all. */
async function forged(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  let hash = 0x811c9dc5;
  for (const byte of packed) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  const all = new Uint8Array([...packed, hash >>> 24, (hash >>> 16) & 255, (hash >>> 8) & 255, hash & 255]);
  return `1.${encodeBase64(all).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}

const json = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value));

it("stops unpacking what grows beyond a document's size", async () => {
  const bomb = await forged(new Uint8Array(30_000_000));
  expect(bomb.length).toBeLessThan(60_000);
  expect(await decodeScenario(bomb)).toMatchObject({ ok: false, error: { reason: "large" } });
});

it.each([
  ["a future form", "2.AAAA", "form"],
  ["no form", "AAAA", "mangled"],
  ["nothing", "", "mangled"],
  ["a very long text", `1.${"A".repeat(500_000)}`, "large"],
])("refuses %s by its reason", async (_, payload, reason) => {
  expect(await decodeScenario(payload)).toMatchObject({ ok: false, error: { reason } });
});

it("refuses well-formed links that hold no scenario by their reason and place", async () => {
  const scenario = { version: 1, name: "x", seed: 1, manifests: [] };
  const refused = async (value: unknown): Promise<unknown> => decodeScenario(await forged(json(value)));
  expect(await refused({ ...scenario, version: 99 })).toMatchObject({ error: { reason: "newer" } });
  expect(await refused({ ...scenario, seed: "1" })).toMatchObject({ error: { reason: "shape" } });
  expect(JSON.stringify(await refused({ ...scenario, seed: "1" }))).toContain("seed: ");
  expect(await refused(null)).toMatchObject({ error: { reason: "shape" } });
  expect(await refused([scenario])).toMatchObject({ error: { reason: "shape" } });
  expect(await decodeScenario(await forged(new TextEncoder().encode("{")))).toMatchObject({
    error: { reason: "json" },
  });
});

it("still reads the first form of moments: the last question alone", () => {
  const old = "from=kind-worker.default.web-1&probe=http&to=shop%3A80%2Fx%3Fy&turn=2&hop=17&level=devices";
  const ask = { kind: "ask", from: "kind-worker.default.web-1", probe: "http", target: "shop:80/x?y" };
  expect(readFragment(`#g=docker&${old}`)).toEqual({
    source: { kind: "gallery", id: "docker" },
    moment: { deeds: [ask], story: { kind: "deed", deed: 0, turn: 2, hop: 17 }, level: "devices" },
  });
  expect(readFragment(`#g=docker&${old}&prepared=3`).moment).toMatchObject({
    deeds: [{ kind: "prepared", number: 3 }],
  });
  expect(readFragment("#hop=-3&probe=nuke&from=a&to=b")).toEqual({
    source: { kind: "none" },
    moment: undefined,
  });
});
