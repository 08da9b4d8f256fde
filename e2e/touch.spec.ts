import { type CDPSession, expect, type Page, test } from "@playwright/test";
import { open, PICTURES } from "./page.ts";

test.use({ locale: "en-US", colorScheme: "light", hasTouch: true });

interface Spot {
  readonly x: number;
  readonly y: number;
}

const touch = (cdp: CDPSession, type: "touchStart" | "touchMove" | "touchEnd", points: readonly Spot[]) =>
  cdp.send("Input.dispatchTouchEvent", { type, touchPoints: points.map((point, id) => ({ ...point, id })) });

/** One finger from here to there, in steps as a hand does; it rests there, as what is flung goes on moving. */
async function swipe(cdp: CDPSession, from: Spot, to: Spot, steps = 10): Promise<void> {
  await touch(cdp, "touchStart", [from]);
  for (let i = 1; i <= steps; i++) {
    const part = i / steps;
    await touch(cdp, "touchMove", [
      { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part },
    ]);
  }
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 80));
    await touch(cdp, "touchMove", [{ x: to.x + (i % 2), y: to.y }]);
  }
}

async function middle(page: Page, selector: string): Promise<Spot> {
  const box = await page.locator(selector).first().boundingBox();
  if (box === null) throw new Error(`nothing is ${selector}`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

const done = (page: Page) => page.getByRole("button", { name: "Done" });
const zoom = (page: Page): Promise<number> =>
  page
    .locator(".react-flow__viewport")
    .evaluate((element) => new DOMMatrix(getComputedStyle(element).transform).a);

test("a finger drags a pod from the palette onto a node", async ({ page }) => {
  await open(page);
  const cdp = await page.context().newCDPSession(page);
  const node = await page.locator(".react-flow__node-room").nth(2).boundingBox();
  if (node === null) throw new Error("no node");
  // What it takes to drop something is fetched when a hand comes near: a finger comes near by touching.
  await swipe(cdp, await middle(page, ".item-pod"), {
    x: node.x + node.width / 2,
    y: node.y + node.height - 30,
  });
  await expect(page.locator(".ghost")).toBeVisible();
  await expect(page.locator("[data-drop=yes]")).toHaveCount(1);
  await page.screenshot({ path: `${PICTURES}/touch-drag.png` });
  await touch(cdp, "touchEnd", []);
  await expect(done(page)).toBeVisible({ timeout: 20_000 });
  await done(page).click();
  await expect(page.getByRole("button", { name: /^Pod web, address 10\./ })).toBeVisible();
});

test("two fingers zoom, one moves the cloth", async ({ page }) => {
  await open(page);
  const cdp = await page.context().newCDPSession(page);
  const { x, y } = await middle(page, ".board-flow");
  const before = await zoom(page);
  await touch(cdp, "touchStart", [
    { x: x - 40, y },
    { x: x + 40, y },
  ]);
  for (let i = 1; i <= 10; i++)
    await touch(cdp, "touchMove", [
      { x: x - 40 - 8 * i, y },
      { x: x + 40 + 8 * i, y },
    ]);
  await touch(cdp, "touchEnd", []);
  await expect.poll(() => zoom(page)).toBeGreaterThan(before * 2);
  const left = async () => (await page.locator(".react-flow__node-room").first().boundingBox())?.x ?? 0;
  const at = await left();
  await swipe(cdp, { x, y: y + 60 }, { x: x + 120, y: y + 60 });
  await touch(cdp, "touchEnd", []);
  await expect.poll(left).toBeGreaterThan(at + 80);
});

test("two namespaces are joined by touching one and then the other", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Scenarios" }).tap();
  await page.getByRole("button", { name: "Empty board" }).tap();
  await expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });
  const cdp = await page.context().newCDPSession(page);
  await page.locator(".item-namespace").tap();
  const red = page.getByRole("button", { name: /^IP stack of red/ });
  const blue = page.getByRole("button", { name: /^IP stack of blue/ });
  await expect(red).toBeVisible({ timeout: 15_000 });
  await page.locator(".item-namespace").tap();
  await expect(blue).toBeVisible({ timeout: 15_000 });
  const box = await red.boundingBox();
  if (box === null) throw new Error("no namespace");
  await swipe(cdp, await middle(page, ".item-cable"), {
    x: box.x + box.width / 2,
    y: box.y + box.height / 2,
  });
  await touch(cdp, "touchEnd", []);
  await expect(page.getByText(/red/).first()).toBeVisible();
  await expect(page.locator("p.wiring")).toBeVisible();
  await page.screenshot({ path: `${PICTURES}/touch-connect.png` });
  await blue.tap();
  await expect(page.locator(".cable-wire")).toHaveCount(1, { timeout: 20_000 });
});
