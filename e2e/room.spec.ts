import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { headline, open, PICTURES, sendFirst, slider, stepTo } from "./page.ts";

/** Where things are on the screen, and that they do not lie on each other. */

async function box(of: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const found = await of.boundingBox();
  if (found === null) throw new Error("not on the screen");
  return found;
}

async function overlap(a: Locator, b: Locator): Promise<boolean> {
  const [p, q] = [await box(a), await box(b)];
  return p.x < q.x + q.width && q.x < p.x + p.width && p.y < q.y + q.height && q.y < p.y + p.height;
}

async function serious(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => /serious|critical/.test(impact ?? ""))
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 120) ?? ""}`);
}

for (const [locale, colorScheme] of [
  ["en-US", "light"],
  ["zh-CN", "dark"],
] as const)
  test(`a phone gives half of its screen to the board while one steps, ${locale}`, async ({
    browser,
    baseURL,
  }) => {
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      locale,
      colorScheme,
      hasTouch: true,
      ...(baseURL && { baseURL }),
    });
    const page = await context.newPage();
    await page.goto("/#g=first-packet");
    await expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });
    await page.locator(".sendbar .first").click();
    await expect(slider(page)).toBeVisible({ timeout: 20_000 });
    await page.keyboard.press("Home");
    await stepTo(page, /cni0/);
    const [bar, sheet] = [await box(page.locator(".sendbar")), await box(page.locator(".inspector"))];
    expect(sheet.y - (bar.y + bar.height)).toBeGreaterThanOrEqual(844 / 2);
    // What happens here is told without opening anything; the keys take one row.
    await expect(page.locator(".sheet-line")).toHaveText((await headline(page).textContent()) ?? "?");
    expect((await box(page.getByRole("toolbar"))).height).toBeLessThan(48);
    const zoom = page.locator(".board-controls");
    await zoom.getByRole("button").first().click({ trial: true });
    for (const other of [".sendbar", ".inspector", ".palette-toggle"])
      expect(await overlap(zoom, page.locator(other)), other).toBe(false);
    expect(await overlap(page.locator(".sendbar"), page.locator(".palette-toggle"))).toBe(false);
    await page.screenshot({ path: `${PICTURES}/phone-half-${locale}.png` });
    expect(await serious(page)).toEqual([]);
    // What does not fit is one button away: dials below, the page's own things above.
    const more = page.locator(".more-toggle");
    await more.last().click();
    await expect(page.locator(".transport select")).toHaveCount(2);
    await expect(page.locator(".transport select").first()).toBeVisible();
    await page.screenshot({ path: `${PICTURES}/phone-dials-${locale}.png` });
    expect(await serious(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await expect(page.locator(".transport select").first()).toBeHidden();
    await expect(more.last()).toBeFocused();
    for (const button of [/^(Undo|撤销)$/, /^(Redo|重做)$/, /^(Present|演示)$/, /^(Share|分享)$/])
      await expect(page.getByRole("button", { name: button })).toBeVisible();
    await page.getByRole("button", { name: /^(Present|演示)$/ }).click();
    await expect(page.locator(".presenter")).toBeVisible();
    await page.waitForTimeout(300);
    await page.screenshot({ path: `${PICTURES}/phone-present-${locale}.png` });
    const stage = await box(page.locator(".stage"));
    expect(stage.height).toBeGreaterThanOrEqual(300);
    await page.keyboard.press("Escape");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await context.close();
  });

test.describe("on a desk", () => {
  test.use({ locale: "en-US", colorScheme: "light" });

  test("tabs and keys share one row, and no button lies on the board's devices", async ({ page }) => {
    await open(page);
    await sendFirst(page);
    await stepTo(page, /flannel\.1 wraps/);
    const [tabs, keys] = [await box(page.locator(".dock-tabs")), await box(page.getByRole("toolbar"))];
    expect(Math.abs(tabs.y + tabs.height / 2 - (keys.y + keys.height / 2))).toBeLessThan(10);
    expect(keys.height).toBeLessThan(48);
    const zoom = page.locator(".board-controls");
    for (const device of await page.locator(".react-flow__node-fabric, .react-flow__node-device").all())
      expect(await overlap(zoom, device)).toBe(false);
    await page.screenshot({ path: `${PICTURES}/desk-row.png` });
  });
});
