import { err, type Result } from "../../base/result.ts";
import { LARGEST_DOCUMENT, parseScenario, type ScenarioProblem } from "../../scenario/read.ts";
import type { Scenario } from "../../scenario/schema.ts";

/** Hands a file to the reader's browser. */
export function download(name: string, type: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  // The browser has to have begun before the address goes away.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A name that every file system takes. */
export function fileName(title: string, ending: string): string {
  const plain = title
    .normalize("NFC")
    .replace(/[^\p{L}\p{N}._-]+/gu, "-")
    .replace(/^[-.]+|[-.]+$/g, "");
  return `${plain.slice(0, 80) || "scenario"}.${ending}`;
}

export function saveScenario(scenario: Scenario, title: string): void {
  download(
    fileName(title, "flannelgraph.json"),
    "application/json",
    `${JSON.stringify(scenario, undefined, 2)}\n`,
  );
}

export async function readScenarioFile(file: Blob): Promise<Result<Scenario, ScenarioProblem>> {
  // A unit of JSON is at most three bytes; what is larger than that is not even looked at.
  if (file.size > 3 * LARGEST_DOCUMENT) return err({ reason: "large", detail: String(file.size) });
  return parseScenario(await file.text());
}
