import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { headline, open, PICTURES, sendFirst, slider, stepTo } from "./page.ts";

test.use({ locale: "en-US", colorScheme: "light" });

/** Asks the prepared Service and stops before the first packet of the connection moves. */
async function visit(page: Page): Promise<void> {
  await page.locator(".sendbar .second").click();
  await expect(slider(page)).toBeVisible();
  await page.keyboard.press("Home");
}

const turn = (page: Page, name: RegExp) => page.locator(".talk").getByRole("button", { name });

/** Lets the token arrive before a picture is taken. */
const settle = (page: Page): Promise<void> => page.waitForTimeout(900);

test("a request to a Service is one conversation, and NAT is seen in it, there and back", async ({
  page,
}) => {
  await open(page);
  await visit(page);
  await expect(turn(page, /A\? frontend, answered by 10\.96\./)).toBeVisible();
  await expect(turn(page, /GET \/, answered by 200 OK/)).toBeVisible();
  await expect(turn(page, /SYN, answered by SYN, ACK/)).toHaveAttribute("aria-current", "step");

  await stepTo(page, /The Service's address 10\.96\.\S+:80 becomes a pod's: 10\.244\./);
  await expect(page.locator(".service-label")).toContainText("frontend");
  const rules = page.locator(".rules li");
  await expect(rules).toHaveCount(4);
  await expect(rules.nth(1)).toContainText("-A KUBE-SERVICES -d 10.96.");
  await expect(rules.nth(1)).toContainText("kube-proxy, for Service default/frontend");
  await expect(rules.last()).toContainText("-j DNAT --to-destination 10.244.");
  await expect(page.locator(".ticket")).toContainText("NEW");
  await expect(page.locator(".layer del")).toHaveText(/^10\.96\./);
  await expect(page.locator(".command", { hasText: "conntrack -L -p tcp -d 10.96." })).toBeVisible();
  await settle(page);
  await page.screenshot({ path: `${PICTURES}/dnat.png` });

  await stepTo(page, /un-NAT by the conntrack entry: 10\.244\.\S+ becomes 10\.96\./);
  await expect(page.locator(".rules")).toHaveCount(0);
  await expect(page.locator(".ticket .is-here")).toContainText("reply");
  await settle(page);
  await page.screenshot({ path: `${PICTURES}/un-nat.png` });
});

test("steps run over the ends of turns, and any turn can be opened", async ({ page }) => {
  await open(page);
  await visit(page);
  await page.keyboard.press("ArrowLeft");
  await expect(turn(page, /A\? frontend/)).toHaveAttribute("aria-current", "step");
  await expect(headline(page)).toContainText("gets its answer");
  await page.keyboard.press("ArrowRight");
  await expect(turn(page, /SYN, answered/)).toHaveAttribute("aria-current", "step");
  await turn(page, /GET \//).click();
  await stepTo(page, /as decided before/);
  await expect(page.locator(".layer strong").last()).toHaveText("HTTP");
});

test("a name is asked for with the keyboard alone, from a pod and from a node", async ({ page }) => {
  await open(page);
  const press = async (name: RegExp): Promise<void> => {
    await page.getByRole("button", { name }).first().focus();
    await page.keyboard.press("Enter");
  };
  await press(/^Send a packet$/);
  await press(/^DNS query$/);
  await press(/^Pod redis-master/);
  await page.getByLabel("To", { exact: true }).focus();
  await page.keyboard.type("redis-replica");
  await page.keyboard.press("Enter");
  await expect(page.locator(".track-name").first()).toContainText("A? redis-replica");
  await press(/^Send a packet$/);
  await press(/^ping$/);
  await press(/^IP stack of kind-worker$/);
  await page.screenshot({ path: `${PICTURES}/probe-form.png` });
  await press(/^Pod frontend/);
  await expect(page.locator(".track-name").first()).toContainText("echo request");
});

test("what is no name and no address is refused in words", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: "Send a packet", exact: true }).click();
  await page.locator(".react-flow__node-pod").first().click();
  await page.getByLabel("To", { exact: true }).fill("a b; c");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("is no name and no address");
});

test("a node shows its chains, the rules just met lit and counted, and its conntrack", async ({ page }) => {
  await open(page);
  await visit(page);
  await stepTo(page, /becomes a pod's/);
  const node = (await page.locator(".hop-where").textContent())?.split(" · ")[1] ?? "";
  await page.getByRole("button", { name: new RegExp(`^IP stack of ${node}`) }).click();
  const chain = page
    .locator(".chains details", { hasText: /nat · KUBE-SVC-/ })
    .filter({ has: page.locator(".is-used") });
  await expect(chain).toHaveAttribute("open", "");
  await expect(chain.locator(".is-used .count")).toHaveText("1");
  await expect(page.getByRole("table", { name: /^conntrack of/ })).toBeVisible();
  await expect(page.getByRole("table", { name: /^Routes of/ })).toBeVisible();
  await page.screenshot({ path: `${PICTURES}/chains.png` });
});

test("a lost packet says so over the board; it can be sent again; one key begins anew", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: "Send a packet", exact: true }).click();
  await page.getByRole("button", { name: "UDP", exact: true }).click();
  await page.locator(".react-flow__node-pod").first().click();
  await page.locator(".react-flow__node-pod").last().click();
  await expect(slider(page)).toBeVisible();
  await page.keyboard.press("Home");
  await stepTo(page, /The packet is dropped/);
  await expect(page.locator(".lost")).toContainText("Lost in");
  await expect(page.locator(".lost")).toContainText("What to try");
  await settle(page);
  await page.screenshot({ path: `${PICTURES}/lost.png` });
  await page.getByRole("button", { name: "Send it again" }).click();
  await expect(slider(page)).toHaveAttribute("aria-valuenow", "1");
  await page.keyboard.press("F9");
  await expect(page.getByText("Building the cluster")).toBeVisible();
  await expect(page.locator(".sendbar .first")).toBeVisible({ timeout: 45_000 });
});

test("the legend is one key away", async ({ page }) => {
  await open(page);
  await page.keyboard.press("F1");
  await expect(page.getByRole("dialog", { name: "Legend" })).toBeVisible();
  await page.screenshot({ path: `${PICTURES}/legend.png` });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.filter(({ impact }) => /serious|critical/.test(impact ?? "")).map(({ id }) => id),
  ).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("the conversation fits a phone, in Chinese and in the dark", async ({ browser, baseURL }) => {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    locale: "zh-CN",
    colorScheme: "dark",
    ...(baseURL && { baseURL }),
  });
  const page = await context.newPage();
  await page.goto("/");
  await expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });
  await visit(page);
  await stepTo(page, /Service 的地址 10\.96\.\S+ 变成 Pod 的地址/);
  await settle(page);
  await page.screenshot({ path: `${PICTURES}/phone-dnat.png` });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await context.close();
});

for (const colorScheme of ["light", "dark"] as const)
  test(`axe finds nothing serious where NAT happens and in the probe's form, ${colorScheme}`, async ({
    browser,
    baseURL,
  }) => {
    const context = await browser.newContext({ colorScheme, locale: "en-US", ...(baseURL && { baseURL }) });
    const page = await context.newPage();
    const serious = async (): Promise<string[]> => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      const told = violations.map(
        ({ id, impact, nodes }) => `${impact ?? ""} ${id}: ${nodes[0]?.html.slice(0, 120) ?? ""}`,
      );
      return told.filter((line) => /^(serious|critical)/.test(line));
    };
    await open(page);
    await visit(page);
    await stepTo(page, /becomes a pod's/);
    expect(await serious()).toEqual([]);
    await page.getByRole("button", { name: "Send a packet", exact: true }).click();
    await page.locator(".react-flow__node-pod").first().click();
    expect(await serious()).toEqual([]);
    await context.close();
  });

test("the first packet still needs one click", async ({ page }) => {
  await open(page);
  await sendFirst(page);
  await expect(headline(page)).toContainText("sends a packet");
  await expect(page.locator(".talk")).toHaveCount(0);
});
