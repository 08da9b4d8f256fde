import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { headline, open, PICTURES, sendFirst, slider, stepTo } from "./page.ts";

test.describe("the first packet", () => {
  test.use({ locale: "en-US", colorScheme: "light" });

  test("crosses flannel.1 with inner and outer headers, and can be stepped back", async ({ page }) => {
    await open(page);
    await page.screenshot({ path: `${PICTURES}/opened.png` });
    await sendFirst(page);
    await stepTo(page, /flannel\.1 wraps the frame in UDP/);
    await expect(page.locator(".hop-why")).toContainText("forwarding database of flannel.1");
    await expect(page.locator(".ktable .is-used")).toHaveCount(1);
    const layers = page.locator(".layer strong");
    await expect(layers).toHaveText(["Ethernet", "IPv4", "UDP", "VXLAN", "Ethernet", "IPv4", "ICMP", "Data"]);
    await expect(page.locator(".layer[data-depth='1']").first()).toBeVisible();
    await page.waitForTimeout(800);
    await page.screenshot({ path: `${PICTURES}/wrapped.png` });

    await page.keyboard.press("ArrowLeft");
    await expect(headline(page)).toHaveText("flannel.1 takes the packet");
    await expect(page.locator(".layer strong")).toHaveText(["Ethernet", "IPv4", "ICMP", "Data"]);

    await stepTo(page, /flannel\.1 unwraps the frame/);
    await page.keyboard.press("End");
    await expect(headline(page)).toContainText("gets its answer");
    await expect(page.locator(".track-request, .track-reply")).toHaveCount(2);
  });

  test("plays by itself, pauses, and goes place by place", async ({ page }) => {
    await open(page);
    await page.locator(".sendbar .first").click();
    await expect(slider(page)).not.toHaveAttribute("aria-valuenow", "1");
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("combobox", { name: "Detail" }).selectOption("places");
    await expect(slider(page)).toHaveAttribute("aria-valuemax", "10");
    await page.keyboard.press("Home");
    await page.getByRole("button", { name: "On to the next place" }).click();
    await expect(page.locator(".hop-where")).toContainText("kind-worker");
  });

  test("a device shows its tables as they stand at the cursor", async ({ page }) => {
    await open(page);
    await sendFirst(page);
    await stepTo(page, /flannel\.1 wraps/);
    await page.getByRole("button", { name: /VXLAN tunnel flannel\.1 of kind-worker / }).click();
    await expect(headline(page)).toHaveText("flannel.1");
    const fdb = page.getByRole("table", { name: "Forwarding database of flannel.1" });
    await expect(fdb.locator(".is-used")).toHaveCount(1);
    await expect(page.getByRole("table", { name: "Neighbours on flannel.1" })).toBeVisible();
  });
});

test("speaks Chinese, and remembers it", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: "Switch the language to Chinese" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await sendFirst(page);
  await stepTo(page, /flannel\.1 把帧封装进 UDP/);
  await page.waitForTimeout(800);
  await page.screenshot({ path: `${PICTURES}/chinese.png` });
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
});

test("goes dark with the system and by its button", async ({ browser, baseURL }) => {
  const context = await browser.newContext({
    colorScheme: "dark",
    locale: "en-US",
    ...(baseURL && { baseURL }),
  });
  const page = await context.newPage();
  await open(page);
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await sendFirst(page);
  await stepTo(page, /flannel\.1 wraps/);
  await page.waitForTimeout(800);
  await page.screenshot({ path: `${PICTURES}/dark.png` });
  await page.getByRole("button", { name: "Switch to light colours" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await context.close();
});

test("a packet can be sent and watched with the keyboard alone", async ({ page }) => {
  await open(page);
  const press = async (name: RegExp): Promise<void> => {
    const target = page.getByRole("button", { name });
    await target.first().focus();
    await page.keyboard.press("Enter");
  };
  await press(/^Send a packet$/);
  await expect(page.getByText("Choose who sends: a pod or a node")).toBeVisible();
  await press(/^Pod frontend/);
  await expect(page.getByText("Choose who receives")).toBeVisible();
  await press(/^Pod redis-master/);
  await slider(page).focus();
  await page.keyboard.press("Home");
  await expect(slider(page)).toHaveAttribute("aria-valuenow", "1");
  await expect(slider(page)).toHaveAttribute("aria-valuetext", /sends a packet/);
  await page.keyboard.press("ArrowRight");
  await expect(slider(page)).toHaveAttribute("aria-valuenow", "2");
  await page.keyboard.press("Shift+ArrowRight");
  await expect(page.locator(".hop-where")).toContainText("kind-worker");
});

test("a UDP datagram to a closed port comes back as an ICMP error", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: "Send a packet", exact: true }).click();
  await page.getByRole("button", { name: "UDP", exact: true }).click();
  const pods = page.locator(".react-flow__node-pod");
  await pods.first().click();
  await pods.last().click();
  await expect(slider(page)).toBeVisible();
  await page.keyboard.press("Home");
  await stepTo(page, /reports a problem to the sender/);
});

test("an engine that cannot start says so, and a restart brings the scenario back", async ({ page }) => {
  await page.route("**/worker/**", (route) => route.abort());
  await page.goto("/");
  await expect(page.getByRole("alert")).toContainText("The engine has stopped");
  await page.unroute("**/worker/**");
  await page.getByRole("button", { name: "Restart the engine" }).click();
  await expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });
});

test("fits a phone", async ({ browser, baseURL }) => {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    locale: "en-US",
    ...(baseURL && { baseURL }),
  });
  const page = await context.newPage();
  await open(page);
  await sendFirst(page);
  await stepTo(page, /flannel\.1 wraps/);
  await page.waitForTimeout(800);
  await page.screenshot({ path: `${PICTURES}/phone.png` });
  await page.getByRole("button", { name: "Open the inspector" }).click();
  await expect(headline(page)).toBeVisible();
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${PICTURES}/phone-inspector.png` });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(390);
  await context.close();
});

for (const colorScheme of ["light", "dark"] as const)
  test(`axe finds nothing serious, ${colorScheme}`, async ({ browser, baseURL }) => {
    const context = await browser.newContext({ colorScheme, locale: "en-US", ...(baseURL && { baseURL }) });
    const page = await context.newPage();
    await open(page);
    await sendFirst(page);
    await stepTo(page, /flannel\.1 wraps/);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const told = violations.map(
      ({ id, impact, nodes }) =>
        `${impact ?? ""} ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`,
    );
    expect(told.filter((line) => /^(serious|critical)/.test(line))).toEqual([]);
    await context.close();
  });
