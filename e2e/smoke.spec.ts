import { gzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";

test("the built page draws something, and neither errs nor breaks its content security policy", async ({
  page,
}) => {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await page.goto("/");
  await expect(page).toHaveTitle(/Flannelgraph/);
  await expect(page.locator("#root > *").first()).toBeVisible();
  expect(complaints).toEqual([]);
});

test("the page asks nobody but its own host for anything", async ({ page, baseURL }) => {
  const foreign: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(`${baseURL ?? ""}/`) && !/^(data|blob):/.test(request.url()))
      foreign.push(request.url());
  });
  await page.goto("/");
  await page.waitForLoadState("networkidle");
  expect(foreign).toEqual([]);
});

/** Design: what the page loads before anyone touches it, fonts and late scripts included, without the worker. */
const FIRST_LOAD_KB = 250;

test("the first load stays within its budget", async ({ page }) => {
  const loaded: Promise<{ url: string; kb: number }>[] = [];
  page.on("response", (response) => {
    const url = response.url();
    if (url.includes("/assets/worker/") || !url.startsWith("http")) return;
    const packed = /\.(woff2|png|jpg|webp)$/.test(url);
    loaded.push(
      response
        .body()
        .then((body) => ({ url, kb: (packed ? body : gzipSync(body, { level: 9 })).length / 1000 })),
    );
  });
  await page.goto("/", { waitUntil: "networkidle" });
  const files = await Promise.all(loaded);
  const kb = files.reduce((sum, file) => sum + file.kb, 0);
  const list = files.map((file) => `${file.kb.toFixed(1).padStart(7)} kB  ${file.url}`).join("\n");
  expect(kb, `${kb.toFixed(1)} kB:\n${list}`).toBeLessThanOrEqual(FIRST_LOAD_KB);
});
