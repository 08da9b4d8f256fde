import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { open, PICTURES, sendFirst, slider, stepTo } from "./page.ts";

test.use({ locale: "en-US", colorScheme: "light" });

const ready = (page: Page) =>
  expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });

test("presenting: large type, one sentence, next and previous, questions in a row", async ({ page }) => {
  await page.goto("/#g=first-packet");
  await ready(page);
  await page.getByRole("button", { name: "Present", exact: true }).click();
  const presenter = page.getByRole("region", { name: "Present" });
  await expect(presenter).toContainText("Your first packet");
  await expect(page.locator(".topbar")).toBeHidden();
  await presenter.getByRole("button", { name: "Next question" }).click();
  await expect(slider(page)).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press("Home");
  await expect(presenter).toContainText("sends a packet");
  await presenter.getByRole("button", { name: /Step ▶/ }).click();
  await expect(slider(page)).toHaveAttribute("aria-valuenow", "2");
  await page.waitForTimeout(900);
  await page.screenshot({ path: `${PICTURES}/present.png` });
  const sizes = await presenter
    .locator("h2, p, button")
    .evaluateAll((all) => all.map((element) => parseFloat(getComputedStyle(element).fontSize)));
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(18);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.filter(({ impact }) => /serious|critical/.test(impact ?? "")).map(({ id }) => id),
  ).toEqual([]);
  await presenter.getByRole("button", { name: "Next question" }).click();
  await expect(slider(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.locator(".topbar")).toBeVisible();
});

test("embedded and read-only pages show and step, and offer nothing to change", async ({ page }) => {
  await page.setViewportSize({ width: 900, height: 640 });
  await page.goto("/?embed#g=first-packet");
  await ready(page);
  await expect(page.getByRole("navigation", { name: "Building blocks" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Share" })).toBeHidden();
  await expect(page.getByRole("link", { name: "Open in Flannelgraph" })).toHaveAttribute(
    "href",
    /#g=first-packet/,
  );
  await page.locator(".sendbar .first").click();
  await expect(slider(page)).toBeVisible({ timeout: 20_000 });
  await page.waitForTimeout(900);
  // What happens is told below the board, and the whole of it opens from there.
  const line = page.locator(".sheet-line");
  await expect(line).toBeVisible();
  await page.screenshot({ path: `${PICTURES}/embed.png` });
  await line.click();
  await expect(page.locator(".panel h2")).toBeVisible();
  await page.goto("/?read#g=first-packet");
  await ready(page);
  await expect(page.getByRole("tab", { name: "Edit" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Undo", exact: true })).toHaveCount(0);
});

test("the board leaves as SVG and as PNG", async ({ page }) => {
  await open(page);
  await sendFirst(page);
  await stepTo(page, /wraps the frame/);
  await page.getByRole("button", { name: "Share", exact: true }).click();
  const save = async (name: string): Promise<Buffer> => {
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name }).click(),
    ]);
    return readFileSync(await saved.path());
  };
  const svg = (await save("Picture (SVG)")).toString("utf8");
  expect(svg).toContain(">kind-worker2</text>");
  expect(
    await page.evaluate(
      (text) =>
        new DOMParser().parseFromString(text, "image/svg+xml").querySelector("parsererror")?.textContent ??
        "",
      svg,
    ),
  ).toBe("");
  const png = await save("Picture (PNG)");
  expect(png.subarray(1, 4).toString("latin1")).toBe("PNG");
  expect(png.length).toBeGreaterThan(20_000);
  const { writeFileSync } = await import("node:fs");
  writeFileSync(`${PICTURES}/export.png`, png);
});

test("on paper: the board as a picture and the hop beside it, no controls", async ({ page }) => {
  await open(page);
  await sendFirst(page);
  await stepTo(page, /wraps the frame/);
  await page.evaluate(() => {
    window.print = () => document.body.setAttribute("data-printed", "yes");
  });
  await page.getByRole("button", { name: "Share", exact: true }).click();
  await page.getByRole("button", { name: "Print" }).click();
  await expect(page.locator("body[data-printed]")).toHaveCount(1);
  await page.emulateMedia({ media: "print" });
  await expect(page.locator(".print-sheet img")).toBeVisible();
  await expect(page.locator(".topbar")).toBeHidden();
  await expect(page.locator(".panel h2")).toBeVisible();
  await page.pdf({ path: `${PICTURES}/print.pdf`, landscape: true }).catch(() => undefined);
  await page.emulateMedia({ media: "screen" });
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  await expect(page.locator(".print-sheet")).toHaveCount(0);
});
