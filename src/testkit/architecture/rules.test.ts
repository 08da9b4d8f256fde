import { describe, expect, it } from "vitest";
import { fileRules, formatFinding } from "./rules.ts";
import { parseSource } from "./source.ts";
import { below, importsOf } from "./table.ts";

/** What the file rules say of one file: `line [rule]` each. */
function complaints(path: string, text: string): string[] {
  const source = parseSource(path, text);
  return Object.values(fileRules)
    .flatMap((rule) => rule(source))
    .map((finding) => `${finding.line} [${finding.rule}]`);
}

interface Case {
  readonly path: string;
  readonly text: string;
}

const LAYERING: Record<string, Case> = {
  "a layer above": { path: "src/wire/a.ts", text: 'import { x } from "../kernel/b.ts";' },
  "a layer beside": { path: "src/sim/a.ts", text: 'import { x } from "../wire/b.ts";' },
  "a type only": { path: "src/base/a.ts", text: 'import type { X } from "../sim/b.ts";' },
  "a type in place": { path: "src/base/a.ts", text: 'export type X = import("../sim/b.ts").X;' },
  "an import on demand": { path: "src/app/a.ts", text: 'const x = await import("../lab/b.ts");' },
  "a re-export": { path: "src/formats/a.ts", text: 'export { x } from "../userland/b.ts";' },
  "the kernel past its door": {
    path: "src/userland/ip/a.ts",
    text: 'import { x } from "../../kernel/route.ts";',
  },
  "a folder named like the door": { path: "src/k8s/a.ts", text: 'import { x } from "../kernel/uapi2/a.ts";' },
  "the engine from the page": {
    path: "src/app/board/a.tsx",
    text: 'import { x } from "../../kernel/uapi/index.ts";',
  },
  "the page from the command line": { path: "src/cli/a.ts", text: 'import { x } from "../app/b.ts";' },
  "the worker from the client": { path: "src/client/a.ts", text: 'import { x } from "../worker/host.ts";' },
  "a value where only types are open": {
    path: "src/formats/a.ts",
    text: 'import { x } from "../kernel/uapi/xtables.ts";',
  },
  "the testkit outside a test": { path: "src/lab/a.ts", text: 'import { x } from "../testkit/b.ts";' },
  "a layer above, from a test": { path: "src/wire/a.test.ts", text: 'import { x } from "../lab/b.ts";' },
  "an unknown folder": { path: "src/lab/a.ts", text: 'import { x } from "../util/b.ts";' },
  "Node in a pure layer": { path: "src/kernel/a.ts", text: 'import { readFileSync } from "node:fs";' },
  "React in a pure layer": { path: "src/trace/a.ts", text: 'import { useState } from "react";' },
  "a package in a folder": { path: "src/wire/a.ts", text: 'import x from "@xyflow/react/dist/x.css";' },
  "a path without extension": { path: "src/wire/a.ts", text: 'import { x } from "./b";' },
  "a file outside src": { path: "src/wire/a.ts", text: 'import x from "../../package.json";' },
  "a computed path": { path: "src/worker/a.ts", text: "const x = await import(name);" },
};

const ALLOWED: Record<string, Case> = {
  "its own layer": { path: "src/kernel/ipv4/a.ts", text: 'import { x } from "../route.ts";' },
  "a listed layer": { path: "src/kernel/a.ts", text: 'import { x } from "../wire/b.ts";' },
  "the kernel's door": {
    path: "src/userland/ip/a.ts",
    text: 'import { x } from "../../kernel/uapi/index.ts";',
  },
  "the testkit in a test": { path: "src/wire/a.test.ts", text: 'import { x } from "../testkit/b.ts";' },
  "what lies below, in a test": {
    path: "src/userland/a.test.ts",
    text: 'import { x } from "../kernel/b.ts";',
  },
  "Node in a test": { path: "src/wire/a.test.ts", text: 'import { readFileSync } from "node:fs";' },
  "raw text": { path: "src/k8s/a.ts", text: 'import text from "./manifest.yaml?raw";' },
  "React in the page": { path: "src/app/a.tsx", text: 'import { useState } from "react";' },
  "a type of the kernel's door in formats": {
    path: "src/formats/a.ts",
    text: 'import type { X } from "../kernel/uapi/xtables.ts";',
  },
  "an allowed package": { path: "src/formats/a.ts", text: 'import { parse } from "yaml";' },
};

describe("layering", () => {
  it.each(Object.entries(LAYERING))("refuses %s", (_what, { path, text }) => {
    expect(complaints(path, `\n${text}`)).toEqual(["2 [layering]"]);
  });

  it.each(Object.entries(ALLOWED))("allows %s", (_what, { path, text }) => {
    expect(complaints(path, text)).toEqual([]);
  });

  it("says file, line, rule and remedy", () => {
    const source = parseSource("src/userland/a.ts", 'import { x } from "../kernel/route.ts";');
    expect(fileRules["layering"]?.(source).map(formatFinding)).toEqual([
      "src/userland/a.ts:1 [layering] userland may use kernel only through kernel/uapi; add what is missing there",
    ]);
  });

  it("reads the table as the design draws it", () => {
    expect(importsOf("app")).toEqual(["base", "wire", "trace", "formats", "scenario", "protocol", "client"]);
    expect(below("userland")).toEqual(["userland", "base", "wire", "sim", "formats", "kernel", "trace"]);
  });
});

const IMPURE = [
  "export const t = Date.now();",
  "export const t = new Date(0);",
  "export const r = Math.random();",
  "setTimeout(() => 1, 5);",
  'await fetch("x");',
  "export const w = window;",
  "export const o = { document };",
  "export const e = process.env;",
  'export const c = "a".localeCompare("b");',
  "export const i = new Intl.NumberFormat();",
  "export const f = { timer: setTimeout };",
];

const PURE = [
  "export const f = (window: number) => window + 1;",
  "export interface Segment { window: number }\nexport const g = (s: Segment) => s.window;",
  "export const f = ({ process }: { process: number }) => process;",
  "export function f() { const document = 1; { return document; } }",
  "for (const location of [1, 2]) void location;",
  "export const x = { process: 1, fetch() { return 1; } };",
  "export const m = Math.floor(1.5);",
  "// Date.now() in a comment",
  'import { process } from "./b.ts";\nexport const p = process;',
  "export type D = Date;",
];

describe("purity", () => {
  it.each(IMPURE)("refuses %s", (text) => {
    expect(complaints("src/kernel/a.ts", text)).toEqual(["1 [purity]"]);
  });

  it.each(PURE)("allows %s", (text) => {
    expect(complaints("src/kernel/a.ts", text)).toEqual([]);
  });

  it("does not bind tests, the page or the command line", () => {
    for (const path of ["src/kernel/a.test.ts", "src/app/a.ts", "src/cli/a.ts"])
      expect(complaints(path, "export const t = Date.now();")).toEqual([]);
  });
});

describe("other rules of a file", () => {
  it.each(['export * from "./b.ts";', 'export * as b from "./b.ts";', 'export type * from "./b.ts";'])(
    "refuses %s",
    (text) => expect(complaints("src/base/a.ts", text)).toEqual(["1 [no-export-star]"]),
  );

  it.each([
    'new Worker(new URL("../worker/host.ts", import.meta.url));',
    'new SharedWorker("x");',
    'import W from "./a.ts?worker";',
  ])("lets only the client start a worker: %s", (text) => {
    expect(complaints("src/app/a.ts", text)).toEqual(["1 [one-worker-starter]"]);
    expect(complaints("src/client/a.ts", text)).toEqual([]);
  });

  it("refuses a file under no layer", () => {
    expect(complaints("src/util/a.ts", "")).toEqual(["1 [known-layer]"]);
    expect(complaints("src/a.ts", "")).toEqual(["1 [known-layer]"]);
  });
});
