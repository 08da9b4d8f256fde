import { Late } from "../base/late.ts";
import type { BundledManifests, BundledSource } from "../k8s/cli/bundled.ts";
import { sleep } from "../sim/task.ts";
import { nanos } from "../sim/time.ts";

/** Texts of the size of the engine itself: fetched when a command first names a URL. */
const BUNDLED = new Late<BundledManifests>("bundled manifests");
/** `asked`: a command waits; `coming`: they are being fetched; `absent`: that failed, and the command goes on without. */
let state: "quiet" | "asked" | "coming" | "absent" = "quiet";

export function provideBundled(files: BundledManifests): void {
  BUNDLED.provide(files);
}

/** Waits, in no virtual time, until they are there: a lab stops while `codeIsComing`. */
export const askBundled: BundledSource = function* () {
  if (!BUNDLED.loaded) state = "asked";
  yield* sleep(nanos(0));
  const failed = state === "absent";
  state = "quiet";
  return failed ? undefined : BUNDLED.get();
};

async function fetchBundled(): Promise<void> {
  try {
    provideBundled((await import("./bundled-files.ts")).bundledFiles);
  } catch {
    state = "absent";
  }
}

/** Has them there before anybody asks: for who drives a world without letting time pass outside it. */
export async function loadBundled(): Promise<void> {
  if (!BUNDLED.loaded) await fetchBundled();
}

/** Whether a world has to stand still because a command waits for what is being fetched; the first asking begins that. */
export function codeIsComing(): boolean {
  if (state === "asked") {
    state = "coming";
    void fetchBundled();
  }
  return state === "coming" && !BUNDLED.loaded;
}
