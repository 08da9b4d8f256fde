import { readFileSync, writeFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";
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

/** Saves the board in a format of the share dialog. */
async function save(page: Page, name: string): Promise<Buffer> {
  if ((await page.getByRole("dialog").count()) === 0)
    await page.getByRole("button", { name: "Share", exact: true }).click();
  const [saved] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name }).click(),
  ]);
  return readFileSync(await saved.path());
}

/** What a browser complains of in a picture; "" for nothing. */
const complaint = (page: Page, svg: string): Promise<string> =>
  page.evaluate((text) => {
    const read = new DOMParser().parseFromString(text, "image/svg+xml");
    return read.querySelector("parsererror, script, foreignObject, image, style, [href]")?.outerHTML ?? "";
  }, svg);

test("the board leaves as SVG and as PNG", async ({ page }) => {
  await open(page);
  await sendFirst(page);
  await stepTo(page, /wraps the frame/);
  const svg = (await save(page, "Picture (SVG)")).toString("utf8");
  expect(svg).toContain(">kind-worker2</text>");
  expect(await complaint(page, svg)).toBe("");
  const png = await save(page, "Picture (PNG)");
  expect(png.subarray(1, 4).toString("latin1")).toBe("PNG");
  expect(png.length).toBeGreaterThan(20_000);
  writeFileSync(`${PICTURES}/export.png`, png);
});

test("the copies of a flooded frame leave with the picture, and what became of them", async ({ page }) => {
  await page.goto("/#g=bridge");
  await ready(page);
  await page.locator(".prepared summary").click();
  await page.locator(".prepared li button").first().click();
  await expect(slider(page)).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press("Home");
  await stepTo(page, /arrives in test2/);
  const svg = (await save(page, "Picture (SVG)")).toString("utf8");
  expect(svg.match(/stroke-dasharray="4 3"/g)?.length).toBe(2);
  expect(svg).toContain(">not for me</text>");
  expect(await complaint(page, svg)).toBe("");
  writeFileSync(`${PICTURES}/export-flood.png`, await save(page, "Picture (PNG)"));
});

/** What the page puts on paper, and the paper itself. */
async function print(page: Page, name: string, paper: object): Promise<{ sheet: Locator; pages: number }> {
  const pdf = await page.pdf({ path: `${PICTURES}/${name}.pdf`, printBackground: true, ...paper });
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  await page.emulateMedia({ media: "print" });
  const pages = pdf.toString("latin1").match(/\/Type \/Page\b/g)?.length ?? 0;
  return { sheet: page.locator(".print-sheet"), pages };
}

async function noMorePaper(page: Page): Promise<void> {
  await page.emulateMedia({ media: "screen" });
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  await expect(page.locator(".print-sheet")).toHaveCount(0);
}

test.describe("of a dark page in Chinese", () => {
  test.use({ locale: "zh-CN", colorScheme: "dark" });
  test("on paper: the board on white in either theme, where the packet is, and all its hops", async ({
    page,
  }) => {
    await page.goto("/#g=kube-proxy-iptables");
    await ready(page);
    await page.locator(".prepared summary").click();
    await page.locator(".prepared li button").first().click();
    await expect(slider(page)).toBeVisible({ timeout: 20_000 });
    await page.keyboard.press("Home");
    const hops = Number(await slider(page).getAttribute("aria-valuemax"));
    const { sheet, pages } = await print(page, "print-portrait", { format: "A4" });
    expect(pages).toBeGreaterThan(1);
    await expect(page.locator("#root")).toBeHidden();
    await expect(sheet.locator("tbody tr")).toHaveCount(hops);
    await expect(sheet.locator(".print-now")).toContainText("第 1 跳，共");
    const board = sheet.locator("figure svg");
    await expect(board).toContainText("nginx");
    // Light and without cloth although the page is dark.
    expect(await board.locator("rect").first().getAttribute("fill")).toBe("#ffffff");
    expect(await page.evaluate(() => document.documentElement.dataset["theme"])).toBe("dark");
    await noMorePaper(page);
    for (const [name, paper] of [
      ["print-landscape", { format: "A4", landscape: true }],
      ["print-letter", { format: "Letter" }],
    ] as const) {
      const { sheet: other } = await print(page, name, paper);
      const [picture, whole] = [await other.locator("figure svg").boundingBox(), await other.boundingBox()];
      expect(picture?.width ?? Infinity).toBeLessThanOrEqual((whole?.width ?? 0) + 1);
      await noMorePaper(page);
    }
  });
});

test("the button prints the same sheet; what is still to be guessed is not on it", async ({ page }) => {
  await open(page);
  await sendFirst(page);
  await stepTo(page, /wraps the frame/);
  const at = Number(await slider(page).getAttribute("aria-valuenow"));
  await page.evaluate(() => {
    window.print = () => window.dispatchEvent(new Event("beforeprint"));
  });
  const button = async (): Promise<void> => {
    await page.getByRole("button", { name: "Share", exact: true }).click();
    await page.getByRole("button", { name: "Print" }).click();
  };
  await button();
  await page.emulateMedia({ media: "print" });
  await expect(page.locator(".print-sheet .is-now")).toContainText("wraps the frame");
  await expect(page.locator(".topbar")).toBeHidden();
  await noMorePaper(page);
  await page.getByRole("button", { name: "Predict" }).click();
  await button();
  await expect(page.locator(".print-sheet tbody tr")).toHaveCount(at);
});
