import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { headline, open, PICTURES, sendFirst, slider, stepTo } from "./page.ts";

test.use({ locale: "en-US", colorScheme: "light", permissions: ["clipboard-read", "clipboard-write"] });

const title = (page: Page) => page.locator(".topbar .scenario");
const ready = (page: Page) =>
  expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });

async function rename(page: Page, name: string): Promise<void> {
  await page
    .getByRole("button", { name: "Rename the scenario" })
    .or(page.locator(".topbar .title"))
    .first()
    .click();
  await page.getByRole("textbox", { name: "Rename the scenario" }).fill(name);
  await page.keyboard.press("Enter");
  await expect(page.locator(".saving-saved")).toBeVisible();
}

/** The link that the dialog offers. */
async function copyLink(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Share", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Share this scenario" });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole("textbox", { name: "Link" })).toHaveValue(/#s=1\./);
  await dialog.getByRole("button", { name: "Copy: Link" }).click();
  await page.keyboard.press("Escape");
  return page.evaluate(() => navigator.clipboard.readText());
}

test("a link carries scenario and moment to another browser", async ({ page, browser }) => {
  await open(page);
  await sendFirst(page);
  await stepTo(page, /wraps the frame/);
  await rename(page, "Tuesday's <b>class</b>");
  const hop = await page.locator(".hop-where").textContent();
  await page.getByRole("button", { name: "Share", exact: true }).click();
  await expect(page.getByRole("dialog")).toContainText("Open at this moment");
  await page.screenshot({ path: `${PICTURES}/share.png` });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.filter(({ impact }) => /serious|critical/.test(impact ?? "")).map(({ id }) => id),
  ).toEqual([]);
  await page.keyboard.press("Escape");
  const link = await copyLink(page);
  expect(link.length).toBeLessThan(8000);

  const context = await browser.newContext({ locale: "en-US" });
  const other = await context.newPage();
  await other.goto(link);
  await ready(other);
  await expect(title(other)).toContainText("Tuesday's <b>class</b>");
  await expect(headline(other)).toContainText("wraps the frame");
  expect((await other.locator(".hop-where").textContent())?.split(" · ")[0]).toBe(hop?.split(" · ")[0]);
  await context.close();
});

/** What the board says of where it stands, without who looks at it. */
async function standing(page: Page): Promise<Record<string, string | null>> {
  return {
    hop: await page.locator(".hop-where").textContent(),
    headline: await headline(page).textContent(),
    frame: await page.locator(".panel .hex").textContent(),
    broken: await page
      .locator(".broken-one")
      .allTextContents()
      .then((all) => all.join(" | ")),
  };
}

test("a link to a moment does again all that was done before: questions, a break, a terminal's commands", async ({
  page,
  browser,
}) => {
  await page.goto("/#g=first-packet");
  await ready(page);
  await sendFirst(page);
  await page.getByRole("tab", { name: "Terminal", exact: true }).click();
  const screen = page.locator(".xterm-rows");
  await expect(screen).toContainText("root@flannelgraph:~#");
  await page.keyboard.type("ip netns add mine && sysctl -w net.ipv4.ip_default_ttl=33\n");
  await expect(screen).toContainText("ip_default_ttl = 33");
  await page.getByRole("tab", { name: "Hops" }).click();
  await page.locator(".prepared summary").click();
  await page.locator(".prepared li button").nth(1).click();
  await expect(page.locator(".hop-where")).toContainText("anna", { timeout: 20_000 });
  await page.getByRole("button", { name: /^IP stack of kind-worker2/ }).click({ button: "right" });
  await page.getByRole("menuitem", { name: /IP forwarding: 1 → 0/ }).click();
  await expect(page.locator(".broken-one")).toHaveCount(1);
  await page.locator(".prepared summary").click();
  await page.locator(".prepared li button").nth(1).click();
  await expect(slider(page)).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press("Home");
  await stepTo(page, /dropped in kind-worker2/);
  const here = await standing(page);
  await page.getByRole("button", { name: "Share", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Share this scenario" });
  await expect(dialog).toContainText("after all that was done before");
  await expect(dialog.getByRole("textbox", { name: "Link" })).toHaveValue(/#g=first-packet&m=1\./);
  const link = await dialog.getByRole("textbox", { name: "Link" }).inputValue();
  expect(link.length).toBeLessThan(1200);

  const context = await browser.newContext({ locale: "en-US" });
  const other = await context.newPage();
  await other.goto(link);
  await expect(headline(other)).toContainText("dropped in kind-worker2", { timeout: 45_000 });
  expect(await standing(other)).toEqual(here);
  await other.getByRole("tab", { name: "Terminal", exact: true }).click();
  await expect(other.locator(".xterm-rows")).toContainText("ip_default_ttl = 33");
  await other.getByRole("button", { name: /^Undo: / }).click();
  await expect(other.locator(".broken")).toHaveCount(0);
  await context.close();
});

test("a damaged moment is said, and its scenario opens all the same", async ({ page }) => {
  await page.goto("/#g=bridge&m=1.AAAAAAAA");
  await ready(page);
  await expect(page.getByRole("alert")).toContainText("moment in this link is damaged");
  await expect(title(page)).toContainText("A bridge learns");
});

test("a mangled link says so, and what was open stays", async ({ page }) => {
  await open(page);
  await rename(page, "My own work");
  await page.evaluate(() => {
    location.hash = "#s=1.not-a-scenario";
  });
  await expect(page.getByRole("alert")).toContainText("damaged on its way");
  await expect(title(page)).toContainText("My own work");
  await page.screenshot({ path: `${PICTURES}/mangled.png` });
  await page.goto("about:blank");
  await page.goto("/#s=1.AAAA");
  await ready(page);
  await expect(page.getByRole("alert")).toContainText("damaged on its way");
  await expect(title(page)).toContainText("My own work");
});

test("nothing is lost on reload, in a second tab, or in a new window", async ({ page, context }) => {
  await open(page);
  await rename(page, "First name");
  await rename(page, "Second name");
  await page.reload();
  await ready(page);
  await expect(title(page)).toContainText("Second name");
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect(title(page)).toContainText("First name");
  await page.getByRole("button", { name: "Redo", exact: true }).click();

  const second = await context.newPage();
  await second.goto("/");
  await ready(second);
  await expect(title(second)).toContainText("Second name");
  await rename(page, "From the first tab");
  await rename(second, "From the second tab");
  await expect(second.getByRole("alert")).toContainText("Both are kept");
  await page.reload();
  await second.reload();
  await expect(title(page)).toContainText("From the first tab");
  await expect(title(second)).toContainText("From the second tab");
});

test("a scenario leaves as a file and comes back by dropping it; a wrong file is refused", async ({
  page,
}) => {
  await open(page);
  await rename(page, "On paper");
  await page.getByRole("button", { name: "Share", exact: true }).click();
  const [saved] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save as a file" }).click(),
  ]);
  expect(saved.suggestedFilename()).toBe("On-paper.flannelgraph.json");
  const path = await saved.path();
  await page.keyboard.press("Escape");
  await rename(page, "Something else");
  const { readFileSync } = await import("node:fs");
  const drop = (text: string) =>
    page.evaluate((content) => {
      const data = new DataTransfer();
      data.items.add(new File([content], "x.json"));
      window.dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
    }, text);
  await drop("{ not json");
  await expect(page.getByRole("alert")).toContainText("no JSON");
  await expect(title(page)).toContainText("Something else");
  await drop(readFileSync(path, "utf8"));
  await expect(title(page)).toContainText("On paper");
  await ready(page);
});
