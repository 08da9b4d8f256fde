import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { headline, open, PICTURES, slider } from "./page.ts";

test.use({ locale: "en-US", colorScheme: "light" });

const ready = (page: Page) =>
  expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });
const serious = async (page: Page): Promise<string[]> => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => /serious|critical/.test(impact ?? ""))
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 100) ?? ""}`);
};

test("the gallery is opened, searched and chosen from with the keyboard; its questions are asked", async ({
  page,
}) => {
  await open(page);
  await page.getByRole("button", { name: "Scenarios" }).click();
  const gallery = page.getByRole("dialog", { name: "Scenarios" });
  await expect(gallery.locator(".card svg").first()).toBeVisible();
  await page.waitForTimeout(400);
  await page.screenshot({ path: `${PICTURES}/gallery.png` });
  expect(await serious(page)).toEqual([]);
  await gallery.locator(".card").first().focus();
  await page.keyboard.press("ArrowRight");
  await expect(gallery.getByRole("button", { name: /^2\. Two namespaces/ })).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/#g=first-packet$/);
  await expect(page.locator(".topbar .scenario")).toContainText("Your first packet");
  await ready(page);
  await page.locator(".sendbar .first").click();
  await expect(slider(page)).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press("Home");
  await expect(headline(page)).toContainText("sends");
  await page.screenshot({ path: `${PICTURES}/gallery-opened.png` });
  await page.goBack();
});

test("a deep link opens a scenario at once; one that is not there says so", async ({ page }) => {
  await page.goto("/#g=namespaces-and-a-cable");
  await ready(page);
  await expect(page.locator(".topbar .scenario")).toContainText("Two namespaces and a cable");
  await page.evaluate(() => {
    location.hash = "#g=nonsense";
  });
  await expect(page.getByRole("alert")).toContainText("no scenario named nonsense");
  await expect(page.locator(".topbar .scenario")).toContainText("Two namespaces and a cable");
});

test("own works stand in the gallery; one that is removed can be had back", async ({ page }) => {
  await open(page);
  await page.locator(".topbar .title").click();
  await page.getByRole("textbox", { name: "Rename the scenario" }).fill("Mine");
  await page.keyboard.press("Enter");
  await expect(page.locator(".saving-saved")).toBeVisible();
  await page.getByRole("button", { name: "Scenarios" }).click();
  await page.getByRole("button", { name: /^1\. / }).click();
  await page.getByRole("button", { name: "Scenarios" }).click();
  await page.getByRole("button", { name: "Remove Mine" }).click();
  await expect(page.getByText("Mine is gone.")).toBeVisible();
  await page.getByRole("dialog").getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: /^Mine/ }).click();
  await expect(page.locator(".topbar .scenario")).toContainText("Mine");
});

test("the gallery fits a phone, in Chinese and in the dark", async ({ browser, baseURL }) => {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    locale: "zh-CN",
    colorScheme: "dark",
    ...(baseURL && { baseURL }),
  });
  const page = await context.newPage();
  await page.goto("/");
  await ready(page);
  await page.screenshot({ path: `${PICTURES}/phone-top.png` });
  await page.getByRole("button", { name: "场景" }).click();
  await expect(page.locator(".card svg").first()).toBeVisible();
  await page.waitForTimeout(400);
  await page.screenshot({ path: `${PICTURES}/phone-gallery.png` });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect(await serious(page)).toEqual([]);
  await context.close();
});
