import ts from "typescript";

/** A place where one file names another: `import`, `export from`, `import()` and `import("x").T`. */
export interface Import {
  /** Undefined for an `import()` of something computed. */
  readonly specifier: string | undefined;
  readonly line: number;
  /** `import type`, which leaves no code. */
  readonly typeOnly?: boolean;
}

/** One file of `src`, parsed. */
export interface Source {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  /** First folder below `src`. */
  readonly layer: string;
  readonly isTest: boolean;
  readonly file: ts.SourceFile;
  readonly imports: readonly Import[];
  /** Line numbers (from 1) that hold code: not blank, not only comment. */
  readonly codeLines: ReadonlySet<number>;
}

export function isTestPath(path: string): boolean {
  return /\.test\.tsx?$/.test(path);
}

function scriptKind(path: string): ts.ScriptKind {
  if (path.endsWith(".tsx")) return ts.ScriptKind.TSX;
  return path.endsWith(".ts") ? ts.ScriptKind.TS : ts.ScriptKind.JS;
}

export function parseSource(path: string, text: string): Source {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true, scriptKind(path));
  const layer = path.split("/").slice(1, -1)[0] ?? "";
  return {
    path,
    layer,
    isTest: isTestPath(path),
    file,
    imports: importsOf(file),
    codeLines: codeLines(file),
  };
}

/** Line number of a node, from 1. */
export function lineOf(node: ts.Node): number {
  const file = node.getSourceFile();
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

/** Calls `visit` for every node of a file, parents first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

function literal(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function importsOf(file: ts.SourceFile): Import[] {
  const found: Import[] = [];
  walk(file, (node) => {
    const line = (): number => lineOf(node);
    if (ts.isImportDeclaration(node))
      found.push({
        specifier: literal(node.moduleSpecifier),
        line: line(),
        typeOnly: node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
      });
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined)
      found.push({ specifier: literal(node.moduleSpecifier), line: line() });
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      found.push({ specifier: literal(node.argument.literal), line: line() });
    else if (ts.isExternalModuleReference(node))
      found.push({ specifier: literal(node.expression), line: line() });
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      found.push({ specifier: literal(node.arguments[0]), line: line() });
  });
  return found;
}

function codeLines(file: ts.SourceFile): Set<number> {
  const lines = new Set<number>();
  const text = file.text.split("\n");
  const mark = (node: ts.Node): void => {
    if (ts.isJSDoc(node) || node.kind === ts.SyntaxKind.EndOfFileToken) return;
    const children = node.getChildren(file);
    if (children.length > 0) {
      children.forEach(mark);
      return;
    }
    if (node.getWidth(file) === 0) return;
    const first = file.getLineAndCharacterOfPosition(node.getStart(file)).line;
    const last = file.getLineAndCharacterOfPosition(node.getEnd()).line;
    for (let i = first; i <= last; i++) if (text[i]?.trim() !== "") lines.add(i + 1);
  };
  mark(file);
  return lines;
}

/** Lines of code between the first and the last line of a node. */
export function codeLinesIn(source: Source, node: ts.Node): number {
  const first = lineOf(node);
  const last = source.file.getLineAndCharacterOfPosition(node.getEnd()).line + 1;
  let n = 0;
  for (let i = first; i <= last; i++) if (source.codeLines.has(i)) n++;
  return n;
}
