/**
 * How many pictures a second the page draws in Chromium: with 10,000 pods in view while it is moved and zoomed, and with
 * 2,000 packets in flight, against the idle board. `npm run bench` runs it after the engine's own figures.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { build, preview } from "vite";
import { findChromium } from "../browser.mjs";
import { standIn } from "./stand-in.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const SECONDS = 4;

/** @param {string} name @param {string} value @param {string} [goal] */
function row(name, value, goal = "") {
  process.stdout.write(`${name.padEnd(58)} ${value.padStart(16)}  ${goal}\n`);
}

/**
 * Counts pictures while something is done before each of them.
 * @param {import("@playwright/test").Page} page
 * @param {"nothing" | "pan" | "zoom"} deed
 * @param {number} [length] Seconds.
 * @returns {Promise<{ fps: number, slowest: number }>}
 */
function measure(page, deed, length = SECONDS) {
  return page.evaluate(
    async ({ kind, seconds }) => {
      const pane = document.querySelector(".react-flow__pane");
      if (pane === null) throw new Error("no board");
      const { left, top, width, height } = pane.getBoundingClientRect();
      const [x, y] = [left + width / 2, top + height / 2];
      const at = (/** @type {number} */ dx, /** @type {number} */ dy) => ({
        clientX: x + dx,
        clientY: y + dy,
        bubbles: true,
        cancelable: true,
        view: window,
        buttons: 1,
      });
      const deeds = {
        nothing: () => undefined,
        pan: (/** @type {number} */ t) =>
          window.dispatchEvent(
            new MouseEvent("mousemove", at(Math.sin(t / 300) * 200, Math.cos(t / 400) * 120)),
          ),
        zoom: (/** @type {number} */ t) =>
          pane.dispatchEvent(
            new WheelEvent("wheel", { ...at(0, 0), deltaY: Math.sin(t / 350) > 0 ? -24 : 24 }),
          ),
      };
      if (kind === "pan") pane.dispatchEvent(new MouseEvent("mousedown", at(0, 0)));
      /** @type {number[]} */
      const gaps = [];
      let last = await new Promise(requestAnimationFrame);
      const begin = last;
      while (last - begin < seconds * 1000) {
        deeds[kind](last - begin);
        const now = await new Promise(requestAnimationFrame);
        gaps.push(now - last);
        last = now;
      }
      if (kind === "pan") window.dispatchEvent(new MouseEvent("mouseup", at(0, 0)));
      gaps.sort((a, b) => a - b);
      return {
        fps: (gaps.length * 1000) / (last - begin),
        slowest: gaps[Math.floor(gaps.length * 0.95)] ?? 0,
      };
    },
    { kind: deed, seconds: length },
  );
}

/** @param {string} name @param {{ fps: number, slowest: number }} figures @param {string} [goal] */
function frames(name, { fps, slowest }, goal) {
  row(name, `${fps.toFixed(0)} fps`, `${goal ?? ""} (95 % within ${slowest.toFixed(0)} ms)`);
}

/** @param {import("@playwright/test").Page} page @param {number} steps Wheel notches towards the middle of the board. */
async function goNear(page, steps) {
  await page.evaluate(async (count) => {
    const pane = document.querySelector(".react-flow__pane");
    const box = pane?.getBoundingClientRect();
    if (pane === null || box === undefined) return;
    const [clientX, clientY] = [box.left + box.width / 2, box.top + box.height / 2];
    for (let i = 0; i < count; i++) {
      const deltaY = -100;
      pane.dispatchEvent(
        new WheelEvent("wheel", { clientX, clientY, deltaY, bubbles: true, cancelable: true, view: window }),
      );
      await new Promise(requestAnimationFrame);
    }
  }, steps);
  await page.waitForTimeout(600);
}

/** @param {import("@playwright/test").Page} page */
async function run(page) {
  await standIn(page);
  const begin = Date.now();
  await page.goto("/");
  await page.locator("canvas.far").waitFor({ timeout: 60_000 });
  row("1,000 nodes, 10,000 pods: journal to picture", `${Date.now() - begin} ms`);
  await page.waitForTimeout(1500);
  const idle = await measure(page, "nothing");
  frames("idle board, 10,000 pods in view", idle);
  const pan = await measure(page, "pan");
  frames("moved, 10,000 pods in view", pan, "goal: 60 fps");
  const zoom = await measure(page, "zoom");
  frames("zoomed, 10,000 pods in view", zoom, "goal: 60 fps");
  row("moved : idle", `${(pan.fps / idle.fps).toFixed(2)} x`, "goal: at least 0.9 x");
  for (const [name, steps] of /** @type {const} */ ([
    ["tiles with names", 12],
    ["nodes with their pods by name", 6],
    ["nodes drawn whole", 6],
  ])) {
    await goNear(page, steps);
    const drawn = await page.locator(".react-flow__node").count();
    const what = drawn > 5 ? `${name} (${drawn} boxes)` : name;
    frames(`moved among ${what}`, await measure(page, "pan"), "goal: 60 fps");
  }
  await page.locator(".sendbar .first").click();
  await page.getByRole("button", { name: "Show all packets" }).click({ timeout: 30_000 });
  const again = page.locator(".traffic-bar button").first();
  frames(...(await inFlight(page, "nothing")));
  await again.click();
  const [, flown] = await inFlight(page, "pan");
  frames("the same, board moved", flown, "goal: 60 fps");
  await again.click();
  const [, still] = await inFlight(page, "nothing");
  row("in flight : idle", `${(still.fps / idle.fps).toFixed(2)} x`, "goal: at least 0.95 x");
}

/**
 * While at least 2,000 packets are under way.
 * @param {import("@playwright/test").Page} page
 * @param {"nothing" | "pan"} deed
 * @returns {Promise<[string, { fps: number, slowest: number }, string]>}
 */
async function inFlight(page, deed) {
  const flying = () =>
    page.evaluate(() =>
      Number(/(\d+) under way/.exec(document.querySelector(".traffic-bar")?.textContent ?? "")?.[1]),
    );
  while ((await flying()) < 2000) await page.waitForTimeout(20);
  const figures = await measure(page, deed, 1.5);
  return [`2,000 packets in flight (${await flying()} at the end)`, figures, "goal: 60 fps"];
}

const outDir = mkdtempSync(join(tmpdir(), "flannelgraph-bench-"));
await build({ root, logLevel: "error", build: { outDir, emptyOutDir: true } });
const server = await preview({
  root,
  build: { outDir },
  preview: { host: "127.0.0.1", port: 0 },
  logLevel: "error",
});
const executablePath = findChromium();
const browser = await chromium.launch({
  ...(executablePath !== undefined && { executablePath }),
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"],
});
try {
  const baseURL = server.resolvedUrls?.local[0] ?? "";
  const context = await browser.newContext({
    baseURL,
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
  });
  await run(await context.newPage());
} finally {
  await browser.close();
  await server.close();
  rmSync(outDir, { recursive: true, force: true });
}
