import type { Task } from "../../sim/task.ts";
import { fail, NOT_MODELLED } from "../../userland/args/exit.ts";
import { die } from "./problem.ts";

/** What is known of an address on the Internet. */
export type BundledAnswer =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "other"; readonly project: string; readonly why: string }
  | { readonly kind: "unknown" };

/** Manifests that stand for what lies behind the addresses which documentation tells people to apply. */
export interface BundledManifests {
  find(url: string): BundledAnswer;
  /** What there is, a line a project. */
  readonly projects: readonly string[];
}

/** Gets at them; undefined when they could not be fetched with the rest of the program. */
export type BundledSource = () => Task<BundledManifests | undefined>;

const REMEDY =
  "Nothing is fetched here: save the file and give its path, or paste it behind `kubectl apply -f -`.";

/** The text behind a URL: a bundled file's, for nothing is fetched. */
export function* readUrl(url: string, source: BundledSource | undefined): Task<string> {
  const bundled = source === undefined ? undefined : yield* source();
  if (bundled === undefined)
    die(`unable to read URL "${url}", there is no Internet here; save the file and give its path`);
  const found = bundled.find(url);
  if (found.kind === "text") return found.text;
  const said =
    found.kind === "other"
      ? [`flannelgraph: ${url} is not among the bundled files of ${found.project}: ${found.why}.`]
      : [
          `flannelgraph: ${url} is not among the bundled files:`,
          ...bundled.projects.map((line) => `  ${line}`),
        ];
  fail(NOT_MODELLED, `${[...said, REMEDY].join("\n")}\n`);
}
