/**
 * What the linter checks. The layers, the globals that pure layers do without and the exceptions from the budgets are
 * data that the architecture test reads too: src/testkit/architecture.
 */
import { readFileSync } from "node:fs";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** @param {string} name */
const data = (name) =>
  JSON.parse(readFileSync(new URL(`src/testkit/architecture/${name}.json`, import.meta.url), "utf8"));
const { layers, impure, startsWorkers } = data("layers");
const budgets = data("budgets");

const TESTS = ["**/*.test.ts", "**/*.test.tsx", "e2e/**"];
const CODE = ["**/*.ts", "**/*.tsx"];
const pure = Object.keys(layers).filter((name) => layers[name].kind === "pure");

const SYNTAX = [
  { selector: "ExportAllDeclaration", message: "A door is written by hand: name what it exports." },
  {
    selector: "TSAsExpression > TSAsExpression > TSUnknownKeyword",
    message: "A cast through unknown hides a hole in the types: narrow, or use base/brand.ts.",
  },
];
const STARTS_WORKER = {
  selector: "NewExpression[callee.name=/^(Shared)?Worker$/]",
  message: `Only src/${startsWorkers} starts a worker; talk to it through its door.`,
};

/**
 * One entry a word of a table "remedy: words".
 * @template T
 * @param {Record<string, string>} table
 * @param {(word: string, remedy: string) => T} entry
 * @returns {T[]}
 */
const words = (table, entry) =>
  Object.entries(table).flatMap(([remedy, list]) => list.split(" ").map((word) => entry(word, remedy)));

/**
 * @param {number} max
 * @returns {import("eslint").Linter.RuleEntry}
 */
const lines = (max) => ["error", { max, skipBlankLines: true, skipComments: true }];

/** @type {{ path: string, function?: string, lines: number }[]} */
const exceptions = budgets.exceptions;

export default tseslint.config(
  { ignores: ["**/fixtures/**", "**/recorded/**"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: CODE,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-console": "error",
      "no-var": "error",
      "prefer-const": "error",
      "object-shorthand": "error",
      "no-restricted-syntax": ["error", ...SYNTAX, STARTS_WORKER],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/consistent-type-exports": [
        "error",
        { fixMixedExportsWithInlineTypeSpecifier: true },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" },
      ],
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/restrict-plus-operands": ["error", { allowNumberAndString: true }],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: true, checkTypePredicates: false },
      ],
      // The hot path indexes typed arrays under noUncheckedIndexedAccess; `!` there states a bound just checked.
      "@typescript-eslint/no-non-null-assertion": "off",
      // Overloads and type parameters used once say things at a call that one signature does not.
      "@typescript-eslint/unified-signatures": "off",
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      // `waitFor<void>(...)` says that nothing is handed over.
      "@typescript-eslint/no-invalid-void-type": "off",
      // An interface's no-op arm (`cancel(): void {}`) is an implementation.
      "@typescript-eslint/no-empty-function": "off",
      "max-lines": lines(budgets.file),
      "max-lines-per-function": lines(budgets.function),
    },
  },
  { files: ["src/**/*.tsx"], rules: { "max-lines-per-function": lines(budgets.component) } },
  {
    files: pure.map((layer) => `src/${layer}/**/*.ts`),
    ignores: TESTS,
    rules: {
      "no-restricted-globals": [
        "error",
        ...words(impure.globals, (name, remedy) => ({
          name,
          message: `This layer is pure; use ${remedy} instead.`,
        })),
      ],
      "no-restricted-properties": [
        "error",
        ...words(impure.properties, (word, remedy) => {
          const [property, object] = word.split(".").reverse();
          return {
            ...(object && { object }),
            property,
            message: `This layer is pure; use ${remedy} instead.`,
          };
        }),
      ],
    },
  },
  {
    files: ["src/app/**/*.ts", "src/app/**/*.tsx"],
    plugins: { "react-hooks": reactHooks },
    rules: reactHooks.configs.recommended.rules,
  },
  {
    files: TESTS,
    rules: {
      "max-lines": lines(budgets.testFile),
      "max-lines-per-function": "off",
    },
  },
  { files: [`src/${startsWorkers}/**`], rules: { "no-restricted-syntax": ["error", ...SYNTAX] } },
  { files: ["src/cli/**"], rules: { "no-console": "off" } },
  {
    files: ["**/*.mjs"],
    rules: { "no-var": "error", "prefer-const": "error", eqeqeq: ["error", "always", { null: "ignore" }] },
  },
  ...exceptions.map((exception) => ({
    files: [exception.path],
    rules: {
      [exception.function === undefined ? "max-lines" : "max-lines-per-function"]: lines(exception.lines),
    },
  })),
);
