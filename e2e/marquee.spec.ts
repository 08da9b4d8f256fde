import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { PICTURES, slider } from "./page.ts";

test.use({ locale: "en-US", colorScheme: "light", hasTouch: true });

async function openScenario(page: Page, id: string): Promise<void> {
  await page.goto(`/#g=${id}`);
  await expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });
}

const rooms = (page: Page): Locator => page.locator(".react-flow__node-room");
const chosen = (page: Page): Locator => page.locator("[data-chosen=yes]");

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

async function around(boxes: Locator, count: number): Promise<Area> {
  const areas = await Promise.all(Array.from({ length: count }, (_, i) => boxes.nth(i).boundingBox()));
  const all = areas.flatMap((area) => area ?? []);
  const x = Math.min(...all.map((area) => area.x)) - 5;
  const y = Math.min(...all.map((area) => area.y)) - 5;
  const width = Math.max(...all.map((area) => area.x + area.width)) + 5 - x;
  return { x, y, width, height: Math.max(...all.map((area) => area.y + area.height)) + 5 - y };
}

async function drag(page: Page, { x, y, width, height }: Area): Promise<void> {
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + height / 2, { steps: 4 });
  await page.mouse.move(x + width, y + height, { steps: 4 });
}

test("Shift and a drag choose what is in the frame; it is moved, copied and deleted as one", async ({
  page,
}) => {
  await openScenario(page, "overlapping-ranges");
  const before = await rooms(page).count();
  const board = await page.locator(".react-flow__viewport").getAttribute("style");
  const frame = await around(rooms(page), 2);
  await page.keyboard.down("Shift");
  await drag(page, frame);
  await expect(page.locator(".marquee")).toBeVisible();
  await expect(chosen(page)).toHaveCount(2);
  await page.screenshot({ path: `${PICTURES}/marquee.png` });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await expect(page.locator(".marquee")).toHaveCount(0);
  await expect(chosen(page)).toHaveCount(2);
  // The cloth has not moved with the frame.
  expect(await page.locator(".react-flow__viewport").getAttribute("style")).toBe(board);
  const heights = async (): Promise<number[]> =>
    Promise.all([0, 1, 2].map(async (i) => Math.round((await rooms(page).nth(i).boundingBox())?.y ?? 0)));
  await page.keyboard.press("Alt+Shift+ArrowDown");
  await expect.poll(async () => (await heights())[0]).not.toBe((await heights())[2]);
  const moved = await heights();
  expect(moved[0]).toBe(moved[1]);
  await page.getByRole("tab", { name: "Edit" }).click();
  await expect(page.locator(".properties h2")).toHaveText("2 things chosen");
  await page.locator(".stage").click({ position: { x: 4, y: 300 } });
  await page.keyboard.press("Delete");
  await expect(rooms(page)).toHaveCount(before - 2, { timeout: 20_000 });
});

test("Escape takes the frame back; everything is chosen by a key, and let go by another", async ({
  page,
}) => {
  await openScenario(page, "overlapping-ranges");
  await page.keyboard.down("Shift");
  await drag(page, await around(rooms(page), 2));
  await expect(chosen(page)).toHaveCount(2);
  await page.keyboard.press("Escape");
  await expect(page.locator(".marquee")).toHaveCount(0);
  await expect(chosen(page)).toHaveCount(0);
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await page.keyboard.press("Control+a");
  await expect.poll(() => chosen(page).count()).toBeGreaterThanOrEqual(await rooms(page).count());
  await expect(page.locator(".stage .sr-only[role=status]")).toHaveText(/^\d+ things chosen$/);
  await page.keyboard.press("Escape");
  await expect(chosen(page)).toHaveCount(0);
});

test("with the tool a finger draws the frame, and a tap adds to the choice", async ({ page }) => {
  await openScenario(page, "overlapping-ranges");
  const tool = page.getByRole("button", { name: /^Choose by a frame/ });
  await tool.tap();
  await expect(tool).toHaveAttribute("aria-pressed", "true");
  const { violations } = await new AxeBuilder({ page }).include(".board-controls").analyze();
  expect(violations).toEqual([]);
  const { x, y, width, height } = await around(rooms(page), 2);
  const cdp = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: { x: number; y: number }[]) =>
    cdp.send("Input.dispatchTouchEvent", { type, touchPoints: points });
  await touch("touchStart", [{ x, y }]);
  await page.waitForTimeout(400);
  for (let i = 1; i <= 10; i++)
    await touch("touchMove", [{ x: x + (width * i) / 10, y: y + (height * i) / 10 }]);
  // The finger rests: after a fling a browser takes the next tap for the end of it.
  for (let i = 0; i < 3; i++) {
    await page.waitForTimeout(80);
    await touch("touchMove", [{ x: x + width + (i % 2), y: y + height }]);
  }
  await touch("touchEnd", []);
  await expect(chosen(page)).toHaveCount(2);
  await rooms(page).nth(2).locator(".room-title").tap();
  await expect(chosen(page)).toHaveCount(3);
  await page.keyboard.press("Escape");
  await expect(tool).toHaveAttribute("aria-pressed", "false");
});

test("copies of a flooded frame have dots in the timeline", async ({ page }) => {
  await openScenario(page, "bridge");
  await page.locator(".prepared summary").click();
  await page.locator(".prepared li button").first().click();
  await expect(slider(page)).toBeVisible({ timeout: 20_000 });
  await expect(page.locator(".track-arp .copy-dot.is-going").first()).toBeVisible();
  await expect(page.locator(".track-arp .copy-dot.is-unwanted")).toHaveCount(2);
  await page.keyboard.press("Home");
  for (let i = 0; i < 20; i++) {
    if (/Copies that end here/.test((await slider(page).getAttribute("aria-valuetext")) ?? "")) break;
    await page.keyboard.press("ArrowRight");
  }
  await expect(slider(page)).toHaveAttribute("aria-valuetext", /Copies that end here: \d\.$/);
  await page.locator(".timeline").screenshot({ path: `${PICTURES}/copy-dots.png` });
});

test("the top of a tall board lies below the questions, though they take two lines", async ({ page }) => {
  await page.setViewportSize({ width: 1000, height: 640 });
  await openScenario(page, "kube-proxy-iptables");
  await page.getByRole("button", { name: "Show everything" }).click();
  const bar = await page.locator(".sendbar").boundingBox();
  const top = Math.min(
    ...(await Promise.all((await rooms(page).all()).map(async (room) => (await room.boundingBox())?.y ?? 0))),
  );
  expect(top).toBeGreaterThanOrEqual((bar?.y ?? 0) + (bar?.height ?? 0));
  await page.screenshot({ path: `${PICTURES}/two-lines.png` });
});
