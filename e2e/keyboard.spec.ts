import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { headline, PICTURES, slider } from "./page.ts";

test.use({ locale: "en-US", colorScheme: "light" });

/** What the focus is on, as it is called. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    const label = element?.getAttribute("aria-label") ?? element?.textContent ?? "";
    return `${element?.getAttribute("role") ?? element?.tagName ?? ""} ${label.trim()}`;
  });

/** Goes on by Tab until the focus is on what is called so. */
async function tabTo(page: Page, name: RegExp, key = "Tab"): Promise<void> {
  const seen: string[] = [];
  for (let i = 0; i < 140; i++) {
    const now = await focused(page);
    if (name.test(now)) return;
    seen.push(now);
    await page.keyboard.press(key);
  }
  throw new Error(`Tab never comes to ${name.source}:\n${seen.slice(-40).join("\n")}`);
}

test("a whole lesson without a pointer: open, ask, step, look, capture, type, break, mend, share", async ({
  page,
}) => {
  test.setTimeout(150_000);
  await page.goto("/");
  await expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });

  await tabTo(page, /BUTTON Scenarios/);
  await page.keyboard.press("Enter");
  await tabTo(page, /^\w+ .*A bridge learns/);
  await page.keyboard.press("Enter");
  await expect(page.locator(".topbar .scenario")).toContainText("A bridge learns");
  await expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });

  await tabTo(page, /BUTTON test1 pings test2/);
  await page.keyboard.press("Enter");
  await expect(slider(page)).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press("Home");
  // Every hop is told to those who listen, copies included.
  const live = page.locator("[aria-live=polite]").first();
  const told: string[] = [];
  for (let i = 0; i < 9; i++) {
    await page.keyboard.press("ArrowRight");
    await expect(live).toContainText((await headline(page).textContent()) ?? "?");
    told.push((await live.textContent()) ?? "");
  }
  expect(told.join(" ")).toContain("2 copies go elsewhere");
  expect(new Set(told).size).toBe(9);

  await tabTo(page, /^button .*testbr/);
  await page.keyboard.press("Enter");
  await expect(headline(page)).toHaveText("testbr");
  await expect(page.getByRole("table", { name: /Forwarding database of testbr/ })).toBeVisible();

  await tabTo(page, /^button Pod test3/);
  await page.keyboard.press("F7");
  await expect(page.locator(".capture-column")).toContainText("test3");
  await expect(page.locator(".capture-column").getByRole("row", { name: /ARP/ }).first()).toBeVisible();

  await tabTo(page, /^button Pod test3/);
  await page.keyboard.press("F8");
  const screen = page.locator(".terminal-frame:not([hidden]) .xterm-rows");
  await expect(screen).toContainText("#", { timeout: 20_000 });
  await page.keyboard.type("ip -br addr\n");
  await expect(screen).toContainText("10.0.0.3/24");
  await page.keyboard.press("F6");
  await expect.poll(() => focused(page)).toMatch(/^tab /);

  // Tab belongs to the shell, Shift-Tab to the page.
  await tabTo(page, /^button .*testbr/, "Shift+Tab");
  await page.keyboard.press("Shift+F10");
  await expect(page.getByRole("menu")).toBeVisible();
  await page.screenshot({ path: `${PICTURES}/keyboard-break.png` });
  await page.keyboard.press("Enter");
  await expect(page.locator(".broken")).toContainText("ip link set testbr down");
  await tabTo(page, /BUTTON Send it again/, "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: /./ }).first()).toBeAttached();
  await tabTo(page, /BUTTON Undo: /);
  await page.keyboard.press("Enter");
  await expect(page.locator(".broken")).toHaveCount(0);

  await tabTo(page, /BUTTON Share/, "Shift+Tab");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("textbox", { name: "Link" })).toHaveValue(/#g=bridge&m=1\./);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.filter(({ impact }) => /serious|critical/.test(impact ?? "")).map(({ id }) => id),
  ).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
});
