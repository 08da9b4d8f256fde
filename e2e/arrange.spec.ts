import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { PICTURES } from "./page.ts";

test.use({ locale: "en-US", colorScheme: "light", hasTouch: true });

/** Two networks with a router between them. */
async function openRouter(page: Page): Promise<void> {
  await page.goto("/#g=router-and-nat");
  await expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });
}

const room = (page: Page, name: string) =>
  page.locator(".react-flow__node-room").filter({ has: page.getByText(name, { exact: true }) });

async function place(
  page: Page,
  name: string,
): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await room(page, name).boundingBox();
  if (box === null) throw new Error(`no box ${name}`);
  return box;
}

/** Places are told apart from the zoom, which follows the size of the board. */
async function names(page: Page): Promise<readonly string[]> {
  return page.locator(".react-flow__node-room .room-title strong").allTextContents();
}

test("a box is dragged by its head, its cable follows; undo puts it back", async ({ page }) => {
  await openRouter(page);
  const [first = "", second = ""] = await names(page);
  const before = await place(page, first);
  const other = await place(page, second);
  const head = room(page, first).locator(".room-title");
  await head.hover();
  await page.mouse.down();
  await page.mouse.move(before.x + 60, before.y + 150, { steps: 6 });
  await page.mouse.move(before.x + 60, before.y + 260, { steps: 6 });
  await page.screenshot({ path: `${PICTURES}/arrange-drag.png` });
  await page.mouse.up();
  await expect
    .poll(async () => (await place(page, first)).y - (await place(page, second)).y)
    .toBeGreaterThan(before.y - other.y + 60);
  await page.screenshot({ path: `${PICTURES}/arrange-dragged.png` });
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect
    .poll(async () => Math.round((await place(page, first)).y - (await place(page, second)).y))
    .toBe(Math.round(before.y - other.y));
});

test("a finger drags a box", async ({ page }) => {
  await openRouter(page);
  const [first = "", second = ""] = await names(page);
  const before = await place(page, first);
  const cdp = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: { x: number; y: number }[]) =>
    cdp.send("Input.dispatchTouchEvent", { type, touchPoints: points });
  const start = { x: before.x + 40, y: before.y + 14 };
  await touch("touchStart", [start]);
  await page.waitForTimeout(400);
  for (let i = 1; i <= 12; i++) await touch("touchMove", [{ x: start.x, y: start.y + 15 * i }]);
  await touch("touchEnd", []);
  await expect
    .poll(async () => (await place(page, first)).y - (await place(page, second)).y)
    .toBeGreaterThan(60);
});

test("by keyboard and from the list of commands: moved, aligned, distributed, laid out, in one row again", async ({
  page,
}) => {
  await openRouter(page);
  const [first = "", second = "", third = ""] = await names(page);
  const command = async (words: string) => {
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("combobox", { name: "Commands" })).toBeFocused();
    await page.keyboard.type(words);
    await page.keyboard.press("Enter");
  };
  const gap = async () => (await place(page, first)).y - (await place(page, second)).y;
  await room(page, first).locator(".room-title").click();
  await expect(room(page, first)).toHaveAttribute("data-chosen", "yes");
  await page.keyboard.press("Alt+Shift+ArrowDown");
  await expect.poll(gap).toBeGreaterThan(20);
  await room(page, second)
    .locator(".room-title")
    .click({ modifiers: ["Shift"] });
  await command("arrange bottom");
  await expect
    .poll(async () => {
      const [a, b] = [await place(page, first), await place(page, second)];
      return Math.abs(a.y + a.height - b.y - b.height);
    })
    .toBeLessThan(2);
  await command("even gaps across");
  await expect(page.locator(".notice")).toContainText("at least 3 boxes");
  await room(page, third)
    .locator(".room-title")
    .click({ modifiers: ["Shift"] });
  await command("even gaps across");
  const gaps = async () => {
    const boxes = await Promise.all([first, second, third].map((name) => place(page, name)));
    const [a, b, c] = boxes.toSorted((one, other) => one.x - other.x);
    if (a === undefined || b === undefined || c === undefined) return 99;
    return Math.abs(b.x - a.x - a.width - (c.x - b.x - b.width));
  };
  await expect.poll(gaps).toBeLessThan(3);
  await page.getByRole("tab", { name: "Edit" }).click();
  await expect(page.getByRole("button", { name: "Lay out automatically" })).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).include(".properties").analyze();
  expect(violations).toEqual([]);
  await page.getByRole("button", { name: "Lay out automatically" }).click();
  await page.waitForTimeout(600);
  await page.screenshot({ path: `${PICTURES}/arrange-auto.png` });
  await page.getByRole("button", { name: "Back to one row" }).click();
  await expect.poll(async () => Math.round(await gap())).toBe(0);
});
