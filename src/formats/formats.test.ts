import { expect, test } from "vitest";
import { compileJsonPath } from "./jsonpath.ts";
import { parseManifest } from "./manifest.ts";
import { canonicalQuantity, parseQuantity } from "./quantity.ts";
import { matches, parseSelector, printSelector } from "./selector.ts";
import { printYaml } from "./yaml-print.ts";

const pods = {
  kind: "List",
  items: [
    {
      metadata: { name: "a", labels: { "app.kubernetes.io/name": "x" } },
      status: { podIP: "10.244.1.2", ready: true },
    },
    {
      metadata: { name: "b" },
      status: { podIP: "10.244.2.2", conditions: [{ type: "Ready", status: "True" }] },
    },
  ],
};

const jsonPath = (template: string, root: unknown = pods): string => {
  const path = compileJsonPath(template);
  if (!path.ok) return `parse: ${path.error}`;
  const text = path.value.print(root);
  return text.ok ? text.value : `run: ${text.error}`;
};

test.each([
  ["{.items[0].metadata.name}", "a"],
  ["{.items[*].status.podIP}", "10.244.1.2 10.244.2.2"],
  ["{.items[-1:].metadata.name}", "b"],
  ['{range .items[*]}{.metadata.name}{"\\t"}{.status.podIP}{"\\n"}{end}', "a\t10.244.1.2\nb\t10.244.2.2\n"],
  ['{.items[?(@.metadata.name=="b")].status.podIP}', "10.244.2.2"],
  ["{.items[0].metadata.labels['app\\.kubernetes\\.io/name']}", "x"],
  ["{.items[0].metadata.labels.app\\.kubernetes\\.io/name}", "x"],
  ["{..podIP}", "10.244.1.2 10.244.2.2"],
  ["{.items[0].metadata}", '{"labels":{"app.kubernetes.io/name":"x"},"name":"a"}'],
  ['{.items[1].status.conditions[?(@.type=="Ready")].status}', "True"],
  ["{$.kind} and {.items[0].nothing}.", "List and ."],
  ["{.items[7].kind}", "run: array index out of bounds: index 7, length 2"],
  ["{.items[0", "parse: unclosed action"],
  ["{range .items[*]}", "parse: unmatched range"],
])("jsonpath %s", (template, expected) => {
  expect(jsonPath(template)).toBe(expected);
});

test("a manifest gives its objects in order, and the place of the first mistake", () => {
  const good = parseManifest(
    "kind: A\n---\n# nothing\n---\nkind: B\nports:\n- 0o17\n- 0644\nyes: 2026-01-01\n",
  );
  expect(good.error).toBeUndefined();
  expect(good.documents.map(({ document, line, value }) => [document, line, value["kind"]])).toEqual([
    [1, 1, "A"],
    [3, 5, "B"],
  ]);
  const bad = parseManifest("kind: A\n---\nkind: B\nmetadata:\n  name: x: y\n");
  expect(bad.documents).toHaveLength(1);
  expect(bad.error).toEqual({
    document: 2,
    line: 5,
    column: 9,
    kubectl: "error converting YAML to JSON: yaml: line 3: mapping values are not allowed in this context",
    remedy: 'put text that contains ": " between quotes, or begin the key on a line of its own',
  });
});

test.each([
  ["a: [1, 2\n", "did not find expected ',' or ']'"],
  ['a: "x\n', "found unexpected end of stream"],
  ["a:\n\tb: 1\n", "found character that cannot start any token"],
  ["a: 1\n  b: 2\n", "mapping values are not allowed in this context"],
  ["- just\n- a list\n", "json: cannot unmarshal array into Go value of type unstructured.detector"],
])("%j is refused in go-yaml's words", (text, words) => {
  expect(parseManifest(text).error?.kubectl).toContain(words);
});

test("quantities", () => {
  expect([parseQuantity("100m"), parseQuantity("64Mi"), parseQuantity("1e3"), parseQuantity("x")]).toEqual([
    0.1,
    67108864,
    1000,
    undefined,
  ]);
  expect(["0.1", "1024Mi", "1000", "1.5", "2000m", "5k"].map(canonicalQuantity)).toEqual([
    "100m",
    "1Gi",
    "1k",
    "1500m",
    "2",
    "5k",
  ]);
});

test("selectors", () => {
  const labels = { app: "guestbook", tier: "frontend" };
  const holds = (text: string) => {
    const selector = parseSelector(text);
    return selector.ok ? matches(selector.value, labels) : selector.error;
  };
  expect(
    ["app=guestbook,tier!=backend", "tier in (a,frontend),!x", "x", "tier notin (frontend)"].map(holds),
  ).toEqual([true, true, false, false]);
  expect(holds("a=b=c")).toContain("unable to parse requirement");
  const parsed = parseSelector("b=1, a in (y,x), !c");
  expect(parsed.ok && printSelector(parsed.value)).toBe("a in (x,y),b=1,!c");
});

test("yaml is printed as kubectl prints it", () => {
  const text = printYaml({
    kind: "Pod",
    apiVersion: "v1",
    metadata: { name: "a", creationTimestamp: "2026-01-01T00:00:00Z", labels: { n: "1", e: "", t: "true" } },
    spec: { containers: [{ name: "c", args: ["--x", "*", "a: b"] }], list: [], map: {} },
    status: {
      message:
        "0/3 nodes are available: 3 node(s) had untolerated taint(s). no new claims to deallocate, preemption: not helpful.",
    },
    text: "one\ntwo\n",
  });
  expect(text).toBe(`apiVersion: v1
kind: Pod
metadata:
  creationTimestamp: "2026-01-01T00:00:00Z"
  labels:
    e: ""
    "n": "1"
    t: "true"
  name: a
spec:
  containers:
  - args:
    - --x
    - '*'
    - 'a: b'
    name: c
  list: []
  map: {}
status:
  message: '0/3 nodes are available: 3 node(s) had untolerated taint(s). no new claims
    to deallocate, preemption: not helpful.'
text: |
  one
  two
`);
});
