import { expect, type Page, test } from "@playwright/test";
import { open, PICTURES } from "./page.ts";

test.use({ locale: "en-US", colorScheme: "light", permissions: ["clipboard-read", "clipboard-write"] });

const ready = (page: Page) =>
  expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });
const podNamed = (page: Page, name: string) =>
  page.getByRole("button", { name: new RegExp(`^Pod ${name}, address 10\\.`) });
const card = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Building blocks" }).getByRole("button", { name, exact: true });
const done = (page: Page) => page.getByRole("button", { name: "Done" });

/** Drags a card by the pointer, in steps as a hand does. */
async function drag(page: Page, name: string, to: { x: number; y: number }): Promise<void> {
  const box = await card(page, name).boundingBox();
  if (box === null) throw new Error(`no card ${name}`);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 60, box.y + 30, { steps: 3 });
  await page.mouse.move(to.x, to.y, { steps: 8 });
}

test("a pod dragged onto a node is wired by kubelet and plugin, step by step; undo takes it away", async ({
  page,
}) => {
  await open(page);
  const node = await page.locator(".react-flow__node-room").nth(2).boundingBox();
  if (node === null) throw new Error("no node");
  await drag(page, "Pod", { x: node.x + node.width / 2, y: node.y + node.height - 30 });
  await expect(page.locator("[data-drop=yes]")).toHaveCount(1);
  await page.screenshot({ path: `${PICTURES}/build-drag.png` });
  await page.mouse.up();
  const bar = page.getByRole("region", { name: "What your change set off" });
  await expect(bar).toContainText("The API server stores the Pod web", { timeout: 15_000 });
  await expect(bar).toContainText("gets a network namespace");
  await page.getByRole("button", { name: "Pause" }).first().click();
  const told: string[] = [];
  for (let i = 0; i < 30 && (await bar.getByRole("button", { name: "Step", exact: true }).isEnabled()); i++) {
    told.push((await bar.locator("p").textContent()) ?? "");
    if (told.at(-1)?.includes("is plugged into"))
      await page.screenshot({ path: `${PICTURES}/build-wiring.png` });
    await bar.getByRole("button", { name: "Step", exact: true }).click();
  }
  told.push((await bar.locator("p").textContent()) ?? "");
  expect(told.join("\n")).toMatch(
    /pause starts[^]*|is plugged into the bridge cni0[^]*The container web runs/,
  );
  await done(page).click();
  await expect(podNamed(page, "web")).toBeVisible();
  await page.screenshot({ path: `${PICTURES}/build-pod.png` });
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect(bar).toContainText("taken out of the API", { timeout: 15_000 });
  await done(page).click();
  await expect(podNamed(page, "web")).toHaveCount(0);
  await page.getByRole("button", { name: "Redo", exact: true }).click();
  await expect(bar).toBeVisible({ timeout: 15_000 });
});

test("with the keyboard alone: a deployment, more replicas by name, and away again", async ({ page }) => {
  await open(page);
  await card(page, "Deployment").focus();
  await page.keyboard.press("Enter");
  await expect(done(page)).toBeVisible({ timeout: 20_000 });
  await done(page).click();
  await expect(podNamed(page, "app-.*")).toHaveCount(2);
});

test("a node is added with the reason for building anew", async ({ page }) => {
  await open(page);
  await card(page, "Node").click();
  await expect(page.getByText("kind cannot change the nodes of a running cluster")).toBeVisible();
  await ready(page);
  await expect(page.locator(".react-flow__node-room")).toHaveCount(4);
  await page.screenshot({ path: `${PICTURES}/build-node.png` });
});

test("an empty board: namespaces, a bridge and cables by hand", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Scenarios" }).click();
  await page.getByRole("button", { name: "Empty board" }).click();
  await ready(page);
  await card(page, "Namespace").click();
  await expect(page.getByText("red", { exact: true }).first()).toBeVisible({ timeout: 15_000 });
  await card(page, "Namespace").click();
  await card(page, "veth cable").click();
  await expect(done(page)).toBeVisible({ timeout: 15_000 });
  await done(page).click();
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${PICTURES}/build-empty.png` });
});

test("machines stand beside the cluster on a switch", async ({ page }) => {
  await open(page);
  await card(page, "Client").click();
  await expect(page.getByText("before anything starts")).toBeVisible();
  await ready(page);
  await expect(page.getByText("client", { exact: true }).first()).toBeVisible();
  await page.screenshot({ path: `${PICTURES}/build-client.png` });
});
