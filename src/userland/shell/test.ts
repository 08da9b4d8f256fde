import { parameterValue } from "./parameter.ts";
import { elementText } from "./assign.ts";
import type { Shell } from "./shell.ts";
import type { TestContext } from "../text/test-expression.ts";

/** What `-v` and `-o` of `test` and `[[` ask the shell. */
export function testContext(shell: Shell): TestContext {
  return {
    process: shell.process,
    optionSet: (name) => shell.options.has(name),
    variableSet: (name) => {
      const element = /^(\w+)\[(.*)\]$/s.exec(name);
      if (element === null) {
        const held = parameterValue(shell, name);
        return held.kind === "one" && held.text !== undefined;
      }
      const [, array = "", subscript = ""] = element;
      if (subscript === "@" || subscript === "*")
        return (shell.variables.get(array)?.elements().length ?? 0) > 0;
      return elementText(shell, array, subscript) !== undefined;
    },
  };
}
