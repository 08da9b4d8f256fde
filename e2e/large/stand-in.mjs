import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The text of the worker that stands in for the engine. @returns {Promise<string>} */
async function workerText() {
  const bundler = await rolldown({
    input: fileURLToPath(new URL("worker.ts", import.meta.url)),
    cwd: root,
    platform: "browser",
    logLevel: "warn",
  });
  const { output } = await bundler.generate({ format: "esm", codeSplitting: false });
  await bundler.close();
  return output[0].code;
}

/**
 * From now on a page gets the stand-in in place of its engine.
 * @param {import("@playwright/test").Page} page
 */
export async function standIn(page) {
  const body = await workerText();
  await page.route(/assets\/worker\/main-[^/]*\.js$/, (route) =>
    route.fulfill({ contentType: "text/javascript", body }),
  );
}
