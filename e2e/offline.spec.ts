import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { headline, open, PICTURES, sendFirst, slider } from "./page.ts";

test.use({ locale: "en-US", colorScheme: "light" });

test("without a connection a part that was never opened says so, the rest goes on, and it comes when asked again", async ({
  page,
  context,
}) => {
  await open(page);
  await sendFirst(page);
  await context.setOffline(true);
  await page.getByRole("tab", { name: "Capture", exact: true }).click();
  const failed = page.getByRole("tabpanel", { name: "Capture" }).getByRole("alert");
  await expect(failed).toContainText("could not be loaded");
  await page.screenshot({ path: `${PICTURES}/offline.png` });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.filter(({ impact }) => /serious|critical/.test(impact ?? "")).map(({ id }) => id),
  ).toEqual([]);
  // What is here already still works: the packet, and asking again for it.
  await failed.getByRole("button", { name: "Try again" }).click();
  await expect(failed).toContainText("could not be loaded");
  await page.getByRole("tab", { name: "Hops", exact: true }).click();
  await slider(page).focus();
  await page.keyboard.press("ArrowRight");
  await expect(headline(page)).toContainText("chooses the way out");
  await page.getByRole("button", { name: "Scenarios" }).click();
  await expect(page.locator(".page > .part-failed")).toContainText("could not be loaded");
  await context.setOffline(false);
  await page.locator(".page > .part-failed").getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("dialog")).toContainText("Your first packet");
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: "Capture", exact: true }).click();
  await failed.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("tabpanel", { name: "Capture" })).toContainText(/interface/i);
});
