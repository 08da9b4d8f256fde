import { posix } from "node:path";
import ts from "typescript";
import { isGlobalReference } from "./scope.ts";
import { type Import, lineOf, type Source, walk } from "./source.ts";
import {
  below,
  importsOf,
  impureGlobals,
  impureProperties,
  isPure,
  layers,
  packagesOf,
  startsWorkers,
  testPackages,
  testsOnly,
  typesOf,
} from "./table.ts";

/** Something that breaks the architecture, and what to do about it. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

export function formatFinding(finding: Finding): string {
  return `${finding.path}:${finding.line} [${finding.rule}] ${finding.message}`;
}

/** A rule about one file. */
export type Rule = (source: Source) => Finding[];

function finding(source: Source, line: number, rule: string, message: string): Finding {
  return { path: source.path, line, rule, message };
}

const KNOWN = Object.keys(layers).join(", ");

function knownLayer(source: Source): Finding[] {
  if (layers[source.layer] !== undefined) return [];
  const message = `lies under no layer; put it into one of ${KNOWN}, or add a row to src/testkit/architecture/layers.json`;
  return [finding(source, 1, "known-layer", message)];
}

/** Why a file may not import the file `target` of `src`; undefined when it may. */
function whyNotLayer(source: Source, target: string, typeOnly: boolean): string | undefined {
  const folder = target.split("/").slice(1).join("/");
  const layer = folder.split("/")[0] ?? "";
  if (layer === source.layer) return undefined;
  if (layers[layer] === undefined) return `${target} lies under no layer; import from one of ${KNOWN}`;
  if (source.isTest && (layer === testsOnly || below(source.layer).includes(layer))) return undefined;
  const allowed = [...importsOf(source.layer), ...(typeOnly ? typesOf(source.layer) : [])];
  if (allowed.some((open) => folder === open || folder.startsWith(`${open}/`))) return undefined;
  if (layer === testsOnly)
    return `${testsOnly} is for tests only; move what is needed into the layer that owns it`;
  const door = allowed.find((open) => open.startsWith(`${layer}/`));
  if (door !== undefined)
    return `${source.layer} may use ${layer} only through ${door}; add what is missing there`;
  const list = allowed.length === 0 ? "nothing" : allowed.join(", ");
  return `${source.layer} may not import ${layer} (it may import ${list}); move the code down a layer or hand the value in`;
}

function whyNotPackage(source: Source, specifier: string): string | undefined {
  const parts = specifier.split("/");
  const name = specifier.startsWith("node:")
    ? "node"
    : parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  const allowed = packagesOf(source.layer);
  if (allowed.includes(name) || (source.isTest && testPackages.includes(name))) return undefined;
  return `${source.layer} may not import the package ${name} (it may import ${allowed.join(", ")}); hand in what it gives, or add it to "kinds" in layers.json and say why`;
}

function whyNotImport(source: Source, { specifier, typeOnly = false }: Import): string | undefined {
  if (specifier === undefined)
    return layers[source.layer]?.kind === "node" ? undefined : "imports a computed path; name the file";
  if (!specifier.startsWith(".")) return whyNotPackage(source, specifier);
  const target = posix.join(posix.dirname(source.path), specifier.replace(/\?.*$/, ""));
  if (posix.extname(target) === "") return `${specifier} has no file extension; write .ts or .tsx`;
  if (!target.startsWith("src/"))
    return `${specifier} lies outside src; move it below the layer that owns it`;
  return whyNotLayer(source, target, typeOnly);
}

function layering(source: Source): Finding[] {
  if (layers[source.layer] === undefined) return [];
  return source.imports.flatMap((from) => {
    const why = whyNotImport(source, from);
    return why === undefined ? [] : [finding(source, from.line, "layering", why)];
  });
}

function noExportStar(source: Source): Finding[] {
  return source.file.statements
    .filter(ts.isExportDeclaration)
    .filter((node) => node.exportClause === undefined || ts.isNamespaceExport(node.exportClause))
    .map((node) =>
      finding(
        source,
        lineOf(node),
        "no-export-star",
        "exports everything of another file; name what the door opens",
      ),
    );
}

function oneWorkerStarter(source: Source): Finding[] {
  if (source.layer === startsWorkers || source.isTest) return [];
  const found: number[] = [];
  walk(source.file, (node) => {
    if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression)) return;
    if (/^(Shared)?Worker$/.test(node.expression.text) && isGlobalReference(node.expression))
      found.push(lineOf(node));
  });
  for (const { specifier, line } of source.imports)
    if (/\?(shared)?worker\b/.test(specifier ?? "")) found.push(line);
  return found.map((line) =>
    finding(
      source,
      line,
      "one-worker-starter",
      `starts a worker; only src/${startsWorkers} does, talk to it`,
    ),
  );
}

function noImpurity(source: Source): Finding[] {
  if (!isPure(source.layer) || source.isTest) return [];
  const found: Finding[] = [];
  const add = (node: ts.Node, name: string, remedy: string): void => {
    found.push(
      finding(
        source,
        lineOf(node),
        "purity",
        `${source.layer} is pure and uses ${name}; use ${remedy} instead`,
      ),
    );
  };
  walk(source.file, (node) => {
    if (ts.isIdentifier(node)) {
      const remedy = impureGlobals.get(node.text);
      if (remedy !== undefined && isGlobalReference(node)) add(node, node.text, remedy);
    } else if (ts.isPropertyAccessExpression(node)) {
      const owned = `${node.expression.getText()}.${node.name.text}`;
      const bare = impureProperties.get(node.name.text);
      const remedy = impureProperties.get(owned) ?? bare;
      if (remedy !== undefined) add(node, bare === undefined ? owned : node.name.text, remedy);
    }
  });
  return found;
}

/** Every rule that looks at one file; the length budgets are in budgets.ts. */
export const fileRules: Readonly<Record<string, Rule>> = {
  "known-layer": knownLayer,
  layering,
  "no-export-star": noExportStar,
  "one-worker-starter": oneWorkerStarter,
  purity: noImpurity,
};
