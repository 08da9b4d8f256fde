import { expect, type Locator, type Page } from "@playwright/test";

/** Where pictures for people to look at are put. */
export const PICTURES = "test-results/pictures";

/** Opens the page and waits until the cluster stands. */
export async function open(page: Page): Promise<void> {
  await page.goto("/");
  await expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });
  await expect(page.getByRole("button", { name: /^Pod / }).first()).toBeVisible();
}

/** Sends the first packet and stops before it moves. */
export async function sendFirst(page: Page): Promise<void> {
  await page.locator(".sendbar .first").click();
  await expect(slider(page)).toBeVisible();
  await page.keyboard.press("Home");
}

export const slider = (page: Page): Locator => page.getByRole("slider");
export const headline = (page: Page): Locator => page.locator(".panel h2");

/** Steps on until the headline matches. */
export async function stepTo(page: Page, text: RegExp): Promise<void> {
  for (let i = 0; i < 150; i++) {
    if (text.test((await headline(page).textContent()) ?? "")) return;
    await page.keyboard.press("ArrowRight");
  }
  throw new Error(`no hop says ${text.source}`);
}
