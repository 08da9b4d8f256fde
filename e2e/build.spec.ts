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

test("forms: replicas by number, a range that overlaps is explained and a free one offered", async ({
  page,
}) => {
  await open(page);
  await page.getByRole("tab", { name: "Edit" }).click();
  const pods = page.getByLabel("Pods' addresses");
  await pods.fill("10.96.0.0/12");
  await expect(page.locator(".form-field .warning")).toContainText(
    "The Services' range 10.96.0.0/16 has 65536 of the same",
  );
  await page.screenshot({ path: `${PICTURES}/build-overlap.png` });
  await pods.fill("10.244.0.1/16");
  await expect(page.locator(".form-field .warning")).toContainText("all bits have to be 0");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Deployment frontend" }).click();
  await page.getByLabel("Replicas").fill("4");
  await page.keyboard.press("Enter");
  await expect(done(page)).toBeVisible({ timeout: 20_000 });
  await page.screenshot({ path: `${PICTURES}/build-form.png` });
  await done(page).click();
  await expect(podNamed(page, "frontend-.*")).toHaveCount(4);
});

test("text: completion, errors at the line, what will change, and the API server's refusal", async ({
  page,
}) => {
  await open(page);
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Commands" })).toBeFocused();
  await page.keyboard.type("find service frontend");
  await page.screenshot({ path: `${PICTURES}/build-commands.png` });
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Edit as text" }).click();
  const editor = page.getByRole("textbox", { name: "YAML" });
  await expect(editor).toBeFocused();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\n  typ");
  await expect(page.locator(".cm-tooltip-autocomplete")).toContainText("type");
  // The editor takes no Enter for a list that has only just appeared.
  await page.waitForTimeout(300);
  await page.keyboard.press("Enter");
  await page.keyboard.type(": a: b");
  await expect(page.getByText(/^Line \d+: .*mapping values are not allowed/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Apply", exact: true })).toBeDisabled();
  const text = (await editor.locator(".cm-line").allTextContents()).slice(0, -1).join("\n");
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text.replace("type: NodePort", "type: Nowhere"));
  await expect(page.locator(".diff .is-new")).toContainText("type: Nowhere");
  await page.screenshot({ path: `${PICTURES}/build-yaml.png` });
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.locator(".notice")).toContainText("Unsupported value", { timeout: 15_000 });
  await expect(page.getByRole("button", { name: "Undo", exact: true })).toBeDisabled();
});

test("copy and paste by keyboard, several at once, and one undo for all", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: /^Pod redis-master/ }).click();
  // What copies is fetched behind the board: a key that comes before it is pressed again, as a person would.
  await expect(async () => {
    await page.keyboard.press("Control+c");
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("name: redis-master");
  }).toPass({ timeout: 15_000 });
  await page.keyboard.press("Control+v");
  await expect(done(page)).toBeVisible({ timeout: 20_000 });
  await done(page).click();
  await expect(podNamed(page, "redis-master-2-.*")).toHaveCount(1);
  await page.locator(".react-flow__node-pod", { hasText: "redis-master-2" }).click({ modifiers: ["Shift"] });
  await page
    .locator(".react-flow__node-pod", { hasText: "redis-replica" })
    .first()
    .click({ modifiers: ["Shift"] });
  await expect(page.locator("[data-chosen=yes]")).not.toHaveCount(0);
  await page.keyboard.press("Delete");
  await expect(done(page)).toBeVisible({ timeout: 20_000 });
  await done(page).click();
  await expect(podNamed(page, "redis-replica-.*")).toHaveCount(0);
  await page.keyboard.press("Control+z");
  await expect(done(page)).toBeVisible({ timeout: 20_000 });
  await done(page).click();
  await expect(podNamed(page, "redis-replica-.*")).toHaveCount(2);
});

/** The port of a thing on the board, in the middle. */
async function port(page: Page, name: string): Promise<{ x: number; y: number }> {
  const box = await page.locator(`.port[aria-label^="Cable from ${name}:"]`).boundingBox();
  if (box === null) throw new Error(`no port of ${name}`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

async function draw(page: Page, from: string, to: string, picture?: string): Promise<void> {
  const [a, b] = [await port(page, from), await port(page, to)];
  await page.mouse.move(a.x, a.y);
  await page.mouse.down();
  await page.mouse.move((a.x + b.x) / 2, (a.y + b.y) / 2, { steps: 4 });
  await page.mouse.move(b.x, b.y, { steps: 4 });
  await expect(page.locator(".cable-drawn[data-fits=true]")).toHaveCount(1);
  if (picture !== undefined) await page.screenshot({ path: `${PICTURES}/${picture}.png` });
  await page.mouse.up();
}

test("cables are drawn from port to port: a router between the nodes, and one of them on the far side", async ({
  page,
}) => {
  await open(page);
  await card(page, "Switch").click();
  await ready(page);
  await page.getByRole("button", { name: "Choose nothing" }).click();
  await card(page, "Router").click();
  await ready(page);
  await expect(page.getByText("eth0, plugged into lan")).toBeVisible();
  await draw(page, "router", "switch", "build-cable");
  await ready(page);
  await expect(page.getByText("eth1, plugged into switch")).toBeVisible();
  await draw(page, "kind-worker2", "switch");
  await ready(page);
  await expect(
    page.locator(".react-flow__node-room", { hasText: "kind-worker2" }).getByText("192.168.56.2"),
  ).toBeVisible();
  // Escape lets go of a cable, and a press asks for the other end as the form's button does.
  const at = await port(page, "router");
  await page.mouse.move(at.x, at.y);
  await page.mouse.down();
  await page.mouse.move(at.x + 60, at.y - 60, { steps: 3 });
  await expect(page.locator(".cable-drawn[data-fits=false]")).toHaveCount(1);
  await page.keyboard.press("Escape");
  await expect(page.locator(".cable-drawn")).toHaveCount(0);
  await page.mouse.up();
  await page.mouse.click(at.x, at.y);
  await expect(page.getByText("Choose the other end of the cable that begins at router")).toBeVisible();
});

test("a machine has its text: completed, complained about at the line, and applied; and its plugs in a form", async ({
  page,
}) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Scenarios" }).click();
  await page.getByRole("button", { name: "Empty board", exact: true }).click();
  await ready(page);
  await card(page, "Docker host").click();
  await ready(page);
  await page.getByRole("button", { name: "Edit as text" }).click();
  const editor = page.getByRole("textbox", { name: "YAML" });
  await expect(editor).toContainText("kind: Machine");
  const text = (await editor.locator(".cm-line").allTextContents()).join("\n");
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text.replace("192.168.56.1/24", "192.168.56.1"));
  await expect(page.getByText(/^Line 10: interfaces\.0\.addresses\.0: an address with/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Apply", exact: true })).toBeDisabled();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text.replace("192.168.56.1/24", "192.168.56.77/24"));
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await ready(page);
  await expect(page.getByLabel("Addresses")).toHaveValue("192.168.56.77/24");
  await page.getByRole("button", { name: "Duplicate" }).click();
  await ready(page);
  await expect(page.getByRole("heading", { name: "docker-2" })).toBeVisible();
  await page.getByLabel("Addresses").fill("192.168.56.77/24");
  await page.keyboard.press("Enter");
  await expect(page.getByText("docker has the address 192.168.56.77 on the same wire too")).toBeVisible();
  await page.getByRole("button", { name: "Unplug eth0" }).click();
  await ready(page);
  await expect(page.getByText("eth0, plugged into")).toHaveCount(0);
});
