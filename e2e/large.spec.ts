import AxeBuilder from "@axe-core/playwright";
import { readFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { expect, type Page, test } from "@playwright/test";
import { standIn } from "./large/stand-in.mjs";
import { PICTURES } from "./page.ts";

test.use({ locale: "en-US", colorScheme: "light" });

/** The page with a made-up cluster of 1,000 nodes and 10,000 pods. */
async function openLarge(page: Page): Promise<void> {
  await standIn(page);
  await page.goto("/");
  await expect(page.locator("canvas.far")).toBeVisible({ timeout: 45_000 });
}

const mounted = (page: Page) => page.locator(".react-flow__node").count();

test("a thousand nodes: counts from afar, pods in between, everything from near, and only that in the page", async ({
  page,
}) => {
  await openLarge(page);
  expect(await mounted(page)).toBeLessThan(5);
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${PICTURES}/large-far.png` });
  const board = page.locator(".board-flow");
  await board.hover();
  for (let i = 0; i < 8; i++) await page.mouse.wheel(0, -200);
  await expect(page.locator(".far-hover")).toContainText(/kind-worker\d+: ready, 10 of 10 pods ready/);
  await page.screenshot({ path: `${PICTURES}/large-middle.png` });
  for (let i = 0; i < 7; i++) await page.mouse.wheel(0, -200);
  await expect(page.getByRole("button", { name: /^Pod web-/ }).first()).toBeVisible();
  expect(await mounted(page)).toBeLessThan(300);
  await page.screenshot({ path: `${PICTURES}/large-near.png` });
});

test("find flies to one of ten thousand pods; its node is drawn and it has the focus", async ({ page }) => {
  await openLarge(page);
  await page.keyboard.press("Control+f");
  const box = page.getByRole("combobox", { name: "Find a node, a pod or an address" });
  await expect(box).toBeFocused();
  await page.keyboard.type("10.242.100.7");
  await expect(page.getByRole("option", { name: /Pod on kind-worker612 web-/ }).first()).toBeVisible();
  await page.keyboard.press("Enter");
  const pod = page.locator(".react-flow__node-pod[data-found=yes]");
  await expect(pod).toContainText("10.242.100.7");
  await expect(pod).toBeFocused();
  await expect(pod).toBeInViewport();
  await expect(page.locator(".panel h2")).toHaveText("web-0h005");
  await page.screenshot({ path: `${PICTURES}/large-find.png` });
});

test("by keyboard from node to node and near; nothing that axe complains of", async ({ page }) => {
  await openLarge(page);
  const list = page.getByRole("listbox", { name: /^All nodes/ });
  await list.focus();
  await expect(page.getByRole("option", { name: /kind-control-plane: ready/ })).toBeAttached();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("option", { name: /kind-worker3: ready, 10 of 10 pods ready/ })).toBeAttached();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("option", { name: /kind-worker\d\d: / })).toBeAttached();
  await page.screenshot({ path: `${PICTURES}/large-keys.png` });
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag22aa"]).analyze();
  expect(violations).toEqual([]);
  await page.keyboard.press("Enter");
  await expect(page.locator(".react-flow__node-room[data-found=yes]")).toBeInViewport();
});

test("thousands of packets at once fly between the tiles", async ({ page }) => {
  await openLarge(page);
  await page.locator(".sendbar .first").click();
  await page.getByRole("button", { name: "Show all packets" }).click();
  await expect(page.locator(".traffic-bar")).toContainText(/5000 packets, \d{4} under way/);
  await page.screenshot({ path: `${PICTURES}/large-traffic.png` });
});

/** A link that carries a scenario. */
function linkTo(scenario: object): string {
  const packed = deflateRawSync(JSON.stringify(scenario));
  let hash = 0x811c9dc5;
  for (const byte of packed) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(hash);
  return `/#s=1.${Buffer.concat([packed, sum]).toString("base64url")}`;
}

/** A link to a real cluster of more nodes than are drawn side by side. */
function realCluster(nodes = 30): string {
  const workers = Array.from({ length: nodes - 1 }, (_, i) => {
    const zone = ["a", "b"][i % 2] ?? "";
    return `- role: worker\n  labels:\n    topology.kubernetes.io/zone: zone-${zone}\n`;
  });
  const cluster = `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n- role: control-plane\n${workers.join("")}`;
  const pod = (name: string, node: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\nspec:\n  nodeName: ${node}\n  containers:\n  - name: web\n    image: nginx:1.29\n`;
  const yaml = `${pod("one", "kind-worker4")}---\n${pod("two", "kind-worker21")}`;
  const scenario = {
    version: 1,
    name: `${nodes} nodes`,
    seed: 1,
    cluster,
    manifests: [{ name: "pods.yaml", yaml, after: "nodes-ready" }],
  };
  return linkTo(scenario);
}

test("a packet's nodes come side by side, the others step back; one of them is called by its name", async ({
  page,
}) => {
  await page.goto(realCluster());
  await expect(page.locator("canvas.far")).toBeVisible({ timeout: 60_000 });
  await page.locator(".sendbar .first").click();
  await expect(page.getByRole("slider")).toBeVisible({ timeout: 30_000 });
  await expect(page.locator(".react-flow__node-room")).toHaveCount(2);
  await expect(page.locator(".room-title strong")).toHaveText(["kind-worker4", "kind-worker21"]);
  await page.screenshot({ path: `${PICTURES}/large-packet.png` });
  await page.keyboard.press("Control+f");
  await expect(page.getByRole("combobox", { name: "Find a node, a pod or an address" })).toBeFocused();
  await page.keyboard.type("kind-worker9");
  await page.keyboard.press("Enter");
  await expect(page.locator(".react-flow__node-room", { hasText: "kind-worker9" })).toBeInViewport();
  await page.getByRole("button", { name: "Show everything" }).click();
  await expect(page.locator(".room-title strong")).toHaveText([
    "kind-worker4",
    "kind-worker9",
    "kind-worker21",
  ]);
});

test("a node that sleeps is woken when somebody goes there, and the pod that was meant is found", async ({
  page,
}) => {
  await page.goto(realCluster(60));
  await expect(page.locator("canvas.far")).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press("Control+f");
  await expect(page.getByRole("combobox", { name: "Find a node, a pod or an address" })).toBeFocused();
  await page.keyboard.type("two kind-worker21");
  await expect(page.getByRole("option", { name: /Pod on kind-worker21 two/ })).toBeVisible();
  await page.keyboard.press("Enter");
  const pod = page.locator(".react-flow__node-pod[data-found=yes]");
  await expect(pod).toContainText("two", { timeout: 30_000 });
  await expect(pod).toBeInViewport();
  await page.screenshot({ path: `${PICTURES}/large-woken.png` });
});

test("a picture of a large board has all its tiles", async ({ page }) => {
  await openLarge(page);
  await page.getByRole("button", { name: "Share", exact: true }).click();
  const [saved] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Picture (SVG)" }).click(),
  ]);
  const svg = readFileSync(await saved.path(), "utf8");
  expect(svg.length).toBeLessThan(3_000_000);
  await page.setContent(svg);
  // Tiles and marks of one look are one path each: 1,000 rooms and 10,000 pods are counted by their corners.
  const shapes = await page.evaluate(() =>
    [...document.querySelectorAll("path")].reduce(
      (sum, { outerHTML }) => sum + outerHTML.split("z").length,
      0,
    ),
  );
  expect(shapes).toBeGreaterThan(11_000);
  await page.screenshot({ path: `${PICTURES}/export-large.png` });
});

test("what is chosen on a large board is marked on its tiles", async ({ page }) => {
  await page.goto(realCluster());
  await expect(page.locator("canvas.far")).toBeVisible({ timeout: 60_000 });
  const blue = async (): Promise<number> =>
    page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>("canvas.far");
      const data = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      let count = 0;
      // The accent of the light theme, #3a56cf.
      for (let i = 0; i + 2 < data.length; i += 4)
        if (
          Math.abs((data[i] ?? 0) - 0x3a) +
            Math.abs((data[i + 1] ?? 0) - 0x56) +
            Math.abs((data[i + 2] ?? 0) - 0xcf) <
          12
        )
          count++;
      return count;
    });
  expect(await blue()).toBe(0);
  const list = page.getByRole("listbox", { name: /^All nodes/ });
  await list.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+Enter");
  await expect(page.getByRole("option", { name: /· chosen$/ })).toBeAttached();
  await expect.poll(blue).toBeGreaterThan(50);
  const two = await blue();
  await page.keyboard.press("Shift+Enter");
  await expect.poll(blue).toBeLessThan(two);
  await page.screenshot({ path: `${PICTURES}/large-chosen.png` });
});

test("of tens of thousands of interfaces and places the lists open at once and are searched", async ({
  page,
}) => {
  await openLarge(page);
  for (const [tab, label, words, option] of [
    ["Capture", "Capture on an interface", "web-0h005 eth0", /web-0h005.*eth0/],
    ["Terminal", "Open a terminal on", "kind-worker612", /^\s*kind-worker612$/],
  ] as const) {
    await page.getByRole("tab", { name: tab, exact: true }).click();
    const began = Date.now();
    await page.getByRole("button", { name: label }).click();
    const list = page.getByRole("listbox", { name: label });
    await expect(list.getByRole("option").first()).toBeVisible();
    expect(Date.now() - began).toBeLessThan(3000);
    expect(await list.getByRole("option").count()).toBeLessThan(60);
    expect(Number(await list.getByRole("option").first().getAttribute("aria-setsize"))).toBeGreaterThan(
      10_000,
    );
    // By keys far down: what is chosen is drawn and says its place.
    for (let i = 0; i < 6; i++) await page.keyboard.press("PageDown");
    const at = list.locator("[aria-selected=true]");
    await expect(at).toBeInViewport();
    expect(Number(await at.getAttribute("aria-posinset"))).toBeGreaterThan(40);
    await page.keyboard.type(words);
    await expect(list.getByRole("option", { name: option }).first()).toBeVisible();
    await page.screenshot({ path: `${PICTURES}/large-list-${tab.toLowerCase()}.png` });
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await expect(list).toHaveCount(0);
  }
});

test("the outline of a scenario with ten thousand pods opens at once; keys and a search go through it", async ({
  page,
}) => {
  const pods = Array.from(
    { length: 10_000 },
    (_, i) =>
      `apiVersion: v1\nkind: Pod\nmetadata:\n  name: pod-${i}\nspec:\n  nodeName: nowhere\n  containers: [{name: web, image: nginx}]\n`,
  );
  const scenario = {
    version: 1,
    name: "Ten thousand pods",
    seed: 1,
    cluster: "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: [{role: control-plane}]\n",
    manifests: [{ name: "pods.yaml", yaml: pods.join("---\n"), after: "nodes-ready" }],
  };
  await page.goto(linkTo(scenario));
  await expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 80_000 });
  await page.getByRole("tab", { name: "Edit" }).click();
  const outline = page.locator(".outline");
  await expect(outline.locator("li button").first()).toBeVisible();
  expect(await outline.locator("li button").count()).toBeLessThan(60);
  await outline.locator("li button").first().focus();
  await page.keyboard.press("End");
  await expect(outline.locator("li button:focus")).toHaveText(/pod-9999$/);
  await outline.getByRole("searchbox").fill("pod-512");
  await expect(outline.locator("li button").first()).toHaveText(/pod-512$/);
  await expect(outline.locator("[aria-posinset]").first()).toHaveAttribute("aria-setsize", "11");
});
