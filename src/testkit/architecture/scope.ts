import ts from "typescript";

/** Names that a binding (`x`, `{ a, b: [c] }`) introduces. */
function boundNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundNames(element.name) : []));
}

function importedNames(node: ts.ImportDeclaration): string[] {
  const clause = node.importClause;
  const names = clause?.name === undefined ? [] : [clause.name.text];
  const bindings = clause?.namedBindings;
  if (bindings === undefined) return names;
  if (ts.isNamespaceImport(bindings)) return [...names, bindings.name.text];
  return [...names, ...bindings.elements.map((element) => element.name.text)];
}

function listedNames(list: ts.VariableDeclarationList): string[] {
  return list.declarations.flatMap((declaration) => boundNames(declaration.name));
}

function statementNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) return listedNames(statement.declarationList);
  if (ts.isImportDeclaration(statement)) return importedNames(statement);
  if (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isEnumDeclaration(statement)
  )
    return statement.name === undefined ? [] : [statement.name.text];
  return [];
}

/** Names that `node` itself declares for what lies inside it. */
function declaredBy(node: ts.Node): string[] {
  if (ts.isFunctionLike(node)) return node.parameters.flatMap((parameter) => boundNames(parameter.name));
  if (ts.isSourceFile(node) || ts.isBlock(node)) return node.statements.flatMap(statementNames);
  if (ts.isCaseBlock(node))
    return node.clauses.flatMap((clause) => clause.statements.flatMap(statementNames));
  if (ts.isCatchClause(node))
    return node.variableDeclaration === undefined ? [] : boundNames(node.variableDeclaration.name);
  if (ts.isForStatement(node) || ts.isForOfStatement(node) || ts.isForInStatement(node))
    return node.initializer !== undefined && ts.isVariableDeclarationList(node.initializer)
      ? listedNames(node.initializer)
      : [];
  return [];
}

function isLocal(identifier: ts.Identifier): boolean {
  let node: ts.Node = identifier;
  while (!ts.isSourceFile(node)) {
    node = node.parent;
    if (declaredBy(node).includes(identifier.text)) return true;
  }
  return false;
}

/** Whether an identifier stands for a value, not for a name being declared, a property, a label or a type. */
function isReference(identifier: ts.Identifier): boolean {
  const parent = identifier.parent;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if ("name" in parent && parent.name === identifier) return false;
  if ("propertyName" in parent && parent.propertyName === identifier) return false;
  if ("label" in parent && parent.label === identifier) return false;
  return !ts.isTypeNode(parent) && !ts.isQualifiedName(parent);
}

/** Whether an identifier reads or writes a variable that the file does not declare: a global. */
export function isGlobalReference(identifier: ts.Identifier): boolean {
  return isReference(identifier) && !isLocal(identifier);
}
