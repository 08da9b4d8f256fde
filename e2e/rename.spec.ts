import { expect, type Page, test } from "@playwright/test";
import { open, PICTURES } from "./page.ts";

test.use({ locale: "en-US", colorScheme: "light", permissions: ["clipboard-read", "clipboard-write"] });

const ready = (page: Page) =>
  expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });
const done = (page: Page) => page.getByRole("button", { name: "Done" });
const outline = (page: Page, name: string) =>
  page.locator(".outline").getByRole("button", { name, exact: true });
const card = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Building blocks" }).getByRole("button", { name, exact: true });
const nameField = (page: Page) => page.getByRole("textbox", { name: "Name", exact: true });

test("F2 renames a Service: taken and impossible names are explained, undo takes the name back", async ({
  page,
}) => {
  await open(page);
  await page.getByRole("tab", { name: "Edit" }).click();
  await outline(page, "Service frontend").click();
  await page.locator(".stage").focus();
  await page.keyboard.press("F2");
  await expect(nameField(page)).toBeFocused();
  await page.keyboard.type("redis-master");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toHaveText("There is something called redis-master already.");
  await nameField(page).fill("Front End");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("begins with a small letter");
  await page.screenshot({ path: `${PICTURES}/rename-wrong.png` });
  await nameField(page).fill("shop");
  await page.keyboard.press("Enter");
  await expect(done(page)).toBeVisible({ timeout: 20_000 });
  await done(page).click();
  await expect(page.locator(".properties h2")).toHaveText("shop");
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect(done(page)).toBeVisible({ timeout: 20_000 });
  await done(page).click();
  await page.locator(".outline summary").click();
  await expect(outline(page, "Service frontend")).toBeVisible();
});

test("a node gets a name of its own on the board", async ({ page }) => {
  await open(page);
  await page.getByRole("tab", { name: "Edit" }).click();
  await outline(page, "Node kind-worker").click();
  await nameField(page).fill("berta");
  await page.keyboard.press("Enter");
  await ready(page);
  await expect(page.locator(".room-title strong", { hasText: "berta" })).toBeVisible();
  await page.screenshot({ path: `${PICTURES}/rename-node.png` });
});

test("namespaces on an empty board: renamed with their cables, duplicated by Ctrl-D, copied and pasted", async ({
  page,
}) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Scenarios" }).click();
  await page.getByRole("button", { name: "Empty board" }).click();
  await ready(page);
  for (const item of ["Namespace", "Namespace", "veth cable"]) {
    await card(page, item).click();
    await page.waitForTimeout(600);
  }
  await expect(page.getByRole("button", { name: /^IP stack of red/ })).toBeVisible({ timeout: 15_000 });
  await page.getByRole("button", { name: /^IP stack of red/ }).click();
  await page.keyboard.press("F2");
  await expect(nameField(page)).toBeFocused();
  await page.keyboard.type("rot");
  await page.keyboard.press("Enter");
  await ready(page);
  await expect(page.getByRole("button", { name: /^IP stack of rot/ })).toBeVisible({ timeout: 15_000 });
  await expect(page.locator(".cable-wire")).toHaveCount(1);
  await page.getByRole("button", { name: /^IP stack of rot/ }).click();
  await page.keyboard.press("Control+d");
  await expect(page.getByRole("button", { name: /^IP stack of red/ })).toBeVisible({ timeout: 15_000 });
  await page.getByRole("button", { name: /^IP stack of blue/ }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+c");
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toContain("kind: NetworkNamespace");
  await page.keyboard.press("Control+v");
  await expect(page.getByRole("button", { name: /^IP stack of green/ })).toBeVisible({ timeout: 15_000 });
  await page.screenshot({ path: `${PICTURES}/rename-copies.png` });
});
