import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { headline, open, PICTURES, slider } from "./page.ts";

test.use({ locale: "en-US", colorScheme: "light" });

/** What stands on the screen of the terminal in front. */
const screen = (page: Page): Locator => page.locator(".terminal-frame:not([hidden]) .xterm-rows");

/** Where keys go. */
const keys = (page: Page): Locator => page.locator(".terminal-frame:not([hidden]) .xterm-helper-textarea");

async function openTerminal(page: Page): Promise<void> {
  await page.getByRole("tab", { name: "Terminal", exact: true }).click();
  await expect(screen(page)).toContainText("root@flannelgraph:~#");
}

async function openOn(page: Page, place: RegExp): Promise<void> {
  const options = await page.getByLabel("Open a terminal on").locator("option").allTextContents();
  const label = options.find((text) => place.test(text.trim()));
  await page.getByLabel("Open a terminal on").selectOption({ label: label ?? "" });
}

async function type(page: Page, text: string): Promise<void> {
  await page.keyboard.type(text);
}

test("a shell on the first machine: kubectl, history, Tab, what is not modelled stands out", async ({
  page,
}) => {
  await open(page);
  await openTerminal(page);
  await type(page, "kubectl get nod");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(screen(page)).toContainText(/kind-worker2\s+Ready/);
  await type(page, "x=41; echo $((x+1))\n");
  await expect(screen(page)).toContainText("42");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect(screen(page)).toContainText(/# kubectl get nodes\s*$/m);
  await page.keyboard.press("Control+c");
  await type(page, "kubectl explain pods\n");
  await expect(screen(page)).toContainText("flannelgraph: kubectl explain is not modelled yet");
  await expect(screen(page).locator("span", { hasText: "is not modelled yet" })).toHaveClass(
    /inverse|xterm-bg/,
  );
  await page.screenshot({ path: `${PICTURES}/terminal.png` });
});

test("ping streams while time passes, can be stopped and interrupted, and its packets play on the board", async ({
  page,
}) => {
  await open(page);
  await openTerminal(page);
  await openOn(page, /^redis-master/);
  await expect(screen(page)).toContainText(/\$ kubectl exec -it -n default redis-master-\S+ -- bash/);
  await expect(screen(page)).toContainText(/root@redis-master-\S+:\/#/);
  await type(page, "ping 10.244.2.2\n");
  await expect(screen(page)).toContainText("icmp_seq=2", { timeout: 10_000 });
  await page.getByRole("button", { name: "Stop time" }).click();
  const clock = page.locator(".world-clock output");
  await page.waitForTimeout(300);
  const stopped = await clock.textContent();
  await page.waitForTimeout(700);
  expect(await clock.textContent()).toBe(stopped);
  await page.getByRole("button", { name: "Let time go on" }).click();
  await expect(screen(page)).toContainText("icmp_seq=4", { timeout: 10_000 });
  await keys(page).focus();
  await page.keyboard.press("Control+c");
  await expect(screen(page)).toContainText("packets transmitted");
  await expect(page.locator(".command-packets select")).toContainText("ping 10.244.2.2");
  const packets = page.locator(".command-packets li button");
  await expect(packets.first()).toContainText("echo request");
  const times = (await packets.locator("time").allTextContents()).map(Number);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
  await packets.first().click();
  await expect(slider(page)).toBeVisible();
  await page.keyboard.press("Home");
  await expect(headline(page)).toContainText(/redis-master/);
});

test("several terminals, each with its own directory; exit ends one; F6 leaves by keyboard", async ({
  page,
}) => {
  await open(page);
  await openTerminal(page);
  await type(page, "cd /tmp\n");
  await openOn(page, /^kind-worker$/);
  await expect(screen(page)).toContainText("root@kind-worker:/#");
  await page.keyboard.press("F6");
  await expect(page.getByRole("tab", { name: "kind-worker", exact: true })).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await expect(screen(page)).toContainText("root@flannelgraph:/tmp#");
  await keys(page).focus();
  await type(page, "exit\n");
  await expect(page.getByText("The shell has ended with status 0.")).toBeVisible();
  await page.getByRole("button", { name: "Close this terminal" }).click();
  await expect(page.getByRole("tab", { name: "first machine" })).toHaveCount(0);
});

test("opens from a device on the board, in Chinese and in the dark, and is accessible", async ({
  browser,
  baseURL,
}) => {
  const context = await browser.newContext({
    colorScheme: "dark",
    locale: "zh-CN",
    ...(baseURL && { baseURL }),
  });
  const page = await context.newPage();
  await page.goto("/");
  await expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });
  await page
    .getByRole("button", { name: /kind-worker2.*flannel\.1/ })
    .first()
    .click();
  await page.getByRole("button", { name: "在此打开终端" }).click();
  await expect(screen(page)).toContainText("root@kind-worker2:/#");
  await page.keyboard.type("ip -br addr\n");
  await expect(screen(page)).toContainText("flannel.1");
  await page.screenshot({ path: `${PICTURES}/terminal-dark-zh.png` });
  // The text of the screen itself is drawn for eyes; readers hear xterm's own live region.
  const report = await new AxeBuilder({ page }).exclude(".xterm").analyze();
  expect(
    report.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
  ).toEqual([]);
  await context.close();
});
