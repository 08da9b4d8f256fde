import {
  autocompletion,
  closeBrackets,
  type CompletionContext,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import {
  bracketMatching,
  defaultHighlightStyle,
  indentOnInput,
  syntaxHighlighting,
} from "@codemirror/language";
import { type Diagnostic, linter, lintGutter, lintKeymap } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import type { TextProblem } from "./check-text.ts";
import { suggestions } from "./yaml-keys.ts";

function complete(context: CompletionContext) {
  const word = context.matchBefore(/[\w./-]*/);
  if (word === null || (word.from === word.to && !context.explicit)) return null;
  const line = context.state.doc.lineAt(context.pos).number - 1;
  const options = suggestions(context.state.doc.toString(), line).map((label) => ({
    label,
    type: "property",
  }));
  return options.length === 0 ? null : { from: word.from, options, validFor: /^[\w./-]*$/ };
}

/** An editor for YAML with completion and complaints at their lines. */
export function openEditor(
  parent: HTMLElement,
  text: string,
  label: string,
  check: (text: string) => readonly TextProblem[],
  changed: (text: string) => void,
): () => void {
  const complain = linter(
    ({ state }) =>
      check(state.doc.toString()).map(({ line, message }): Diagnostic => {
        const { from, to } = state.doc.line(Math.min(Math.max(1, line), state.doc.lines));
        return { from, to, severity: "error", message };
      }),
    { delay: 250 },
  );
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
        yaml(),
        autocompletion({ override: [complete] }),
        complain,
        lintGutter(),
        keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap, ...lintKeymap, indentWithTab]),
        EditorView.contentAttributes.of({ "aria-label": label, "data-first": "" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed(update.state.doc.toString());
        }),
      ],
    }),
  });
  return () => view.destroy();
}
