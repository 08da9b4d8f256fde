import { renderTemplate, type Value } from "../../container/cli/docker/template.ts";
import { isRecord, sortedJson } from "../../formats/json.ts";
import { compileJsonPath, relaxedJsonPath } from "../../formats/jsonpath.ts";
import { printYaml } from "../../formats/yaml-print.ts";
import { refuse } from "../../userland/args/exit.ts";
import { goSyntax } from "./go-syntax.ts";
import { layout } from "./print-table.ts";
import { die } from "./problem.ts";
import { type Found, shownName } from "./resolve.ts";

/** What -o asks for. */
export type Output =
  | { readonly kind: "table"; readonly wide: boolean }
  | { readonly kind: "yaml" | "json" | "name" }
  | { readonly kind: "jsonpath"; readonly template: string; readonly asJson: boolean }
  | { readonly kind: "template"; readonly template: string }
  | { readonly kind: "columns"; readonly spec: string };

const FORMATS =
  "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml";

export function parseOutput(text: string | undefined): Output {
  if (text === undefined || text === "") return { kind: "table", wide: false };
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  const rest = equals < 0 ? "" : text.slice(equals + 1);
  switch (name) {
    case "wide":
      return { kind: "table", wide: true };
    case "yaml":
    case "json":
    case "name":
      return { kind: name };
    case "jsonpath":
    case "jsonpath-as-json":
      if (rest === "") die("template format specified but no template given");
      return { kind: "jsonpath", template: rest, asJson: name === "jsonpath-as-json" };
    case "go-template":
    case "template":
      if (rest === "") die("template format specified but no template given");
      return { kind: "template", template: rest };
    case "custom-columns":
      if (rest === "") die("custom-columns format specified but no custom columns given");
      return { kind: "columns", spec: rest };
    default:
      if (FORMATS.split(",").includes(name)) refuse(`kubectl -o ${name}`);
      die(
        `unable to match a printer suitable for the output format "${text}", allowed formats are: ${FORMATS}`,
      );
  }
}

/** One object by itself, several as a List. */
export function asTree(found: readonly Found[], single: boolean): unknown {
  const [first] = found;
  if (single && first !== undefined) return first.object;
  return {
    apiVersion: "v1",
    items: found.map(({ object }) => object),
    kind: "List",
    metadata: { resourceVersion: "" },
  };
}

export function printObjects(
  found: readonly Found[],
  single: boolean,
  output: Exclude<Output, { kind: "table" }>,
  headers = true,
): string {
  switch (output.kind) {
    case "yaml":
      return printYaml(asTree(found, single));
    case "json":
      return `${JSON.stringify(sortedJson(asTree(found, single)), null, 4)}\n`;
    case "name":
      return found.map(({ resource, object }) => `${shownName(resource, object.metadata.name)}\n`).join("");
    case "jsonpath":
      return printJsonPath(asTree(found, single), output.template, output.asJson);
    case "template":
      return printTemplate(asTree(found, single), output.template);
    case "columns":
      return printColumns(found, output.spec, headers);
  }
}

/** An object's tree as templates take it: what is undefined is not there. */
function templateValue(tree: unknown): Value {
  if (Array.isArray(tree)) return tree.map(templateValue);
  if (isRecord(tree))
    return Object.fromEntries(
      Object.entries(tree).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, templateValue(value)] as const],
      ),
    );
  return typeof tree === "string" || typeof tree === "number" || typeof tree === "boolean" ? tree : null;
}

/** Models: cli-runtime printers/template.go. */
function printTemplate(tree: unknown, template: string): string {
  const printed = renderTemplate(template, templateValue(tree), { lenient: true });
  return printed.ok ? printed.value : die(`error executing template "${template}": ${printed.error}`);
}

export function printJsonPath(tree: unknown, template: string, asJson: boolean): string {
  const path = compileJsonPath(
    /^[{"']/.test(template.trim()) || template.includes("{") ? template : relaxedJsonPath(template),
  );
  if (!path.ok) die(`error parsing jsonpath ${template}, ${path.error}`);
  if (asJson) {
    const values = path.value.find(tree);
    if (values.ok) return `${JSON.stringify(sortedJson(values.value), null, 4)}\n`;
  }
  const text = path.value.print(tree);
  if (text.ok) return text.value;
  die(
    `error executing jsonpath "${template}": Error executing template: ${text.error}. Printing more information for debugging the template:\n` +
      `\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${goSyntax(sortedJson(tree))}\n\n`,
  );
}

/** `NAME:.metadata.name,IP:.status.podIP`. */
function printColumns(found: readonly Found[], spec: string, headers: boolean): string {
  const columns = spec.split(",").map((part) => {
    const at = part.indexOf(":");
    if (at < 0) die(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    const path = compileJsonPath(relaxedJsonPath(part.slice(at + 1)));
    if (!path.ok) die(`unable to parse custom-columns: ${path.error}`);
    return { header: part.slice(0, at), path: path.value };
  });
  const rows = found.map(({ object }) =>
    columns.map(({ path }) => {
      const values = path.find(object);
      if (!values.ok || values.value.length === 0) return "<none>";
      return values.value
        .map((value) => (isRecord(value) || Array.isArray(value) ? goSyntaxPlain(value) : String(value)))
        .join(",");
    }),
  );
  return layout([...(headers ? [columns.map(({ header }) => header)] : []), ...rows]);
}

/** Go's %v of a map or a slice. */
function goSyntaxPlain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goSyntaxPlain).join(" ")}]`;
  if (!isRecord(value)) return String(value);
  const pairs = Object.keys(value)
    .toSorted()
    .map((key) => `${key}:${goSyntaxPlain(value[key])}`);
  return `map[${pairs.join(" ")}]`;
}
