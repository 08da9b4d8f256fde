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
