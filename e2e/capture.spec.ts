import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { headline, open, PICTURES, sendFirst } from "./page.ts";

test.use({ locale: "en-US", colorScheme: "light" });

async function captureOn(page: Page, place: RegExp, device: string): Promise<Locator> {
  const select = page.getByLabel("Capture on an interface");
  await expect(select).toBeVisible();
  const value = await select
    .locator("option")
    .evaluateAll(
      (options, [pattern, name]) =>
        options
          .find(
            (option) =>
              option.textContent === name &&
              new RegExp(pattern).test(option.parentElement?.getAttribute("label") ?? ""),
          )
          ?.getAttribute("value") ?? "",
      [place.source, device] as const,
    );
  await select.selectOption(value);
  return page.locator(".capture-column").last();
}

const row = (column: Locator, text: RegExp): Locator => column.getByRole("row", { name: text }).first();

test("inside the pod and on the wire: the same packet is marked, and the board's cursor goes with it", async ({
  page,
}) => {
  await open(page);
  await sendFirst(page);
  await page.getByRole("tab", { name: "Capture", exact: true }).click();
  const pod = await captureOn(page, /^redis-master/, "eth0");
  const inside = page.locator(".capture-column").first();
  const wire = await captureOn(page, /^kind-worker$/, "eth0");
  await expect(pod).toBeVisible();
  await row(inside, /Echo \(ping\) request/).click();
  await expect(headline(page)).toContainText(/The frame leaves redis-master-\S+ by eth0/);
  await expect(wire.locator(".packet-row.is-same")).toContainText("Echo (ping) request");
  await row(wire, /Echo \(ping\) request/).click();
  await expect(page.locator(".hop-where")).toContainText("kind-worker");
  await expect(page.locator(".packet-detail .layer-head strong")).toHaveText([
    "Ethernet",
    "IPv4",
    "UDP",
    "VXLAN",
    "Ethernet",
    "IPv4",
    "ICMP",
    "Data",
  ]);
  await page.screenshot({ path: `${PICTURES}/capture.png` });

  // And back: at the journey's start the packet has not been on the wire.
  await expect(wire.locator(".packet-row.is-now")).toHaveCount(1);
  await page.locator(".transport button").first().click();
  await expect(wire.locator(".packet-row.is-now")).toHaveCount(0);
});

test("a filter lets through what it says, and says where it is wrong", async ({ page }) => {
  await open(page);
  await sendFirst(page);
  await page.getByRole("tab", { name: "Capture", exact: true }).click();
  const wire = await captureOn(page, /^kind-worker$/, "eth0");
  const filter = page.getByLabel("Display filter");
  await filter.fill("vxlan && icmp.type == 8");
  await expect(wire.locator(".packet-row")).toHaveCount(1);
  await filter.fill("vxlan && icmp.typ == 8");
  await expect(filter).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator(".filter mark")).toHaveText("icmp.typ");
  await expect(wire.locator(".packet-row")).toHaveCount(1);
  await filter.fill("");
  await wire.getByRole("grid").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await expect(wire.locator(".packet-row.is-chosen .col-number")).toContainText("2");
  const report = await new AxeBuilder({ page }).analyze();
  expect(
    report.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
  ).toEqual([]);
});

test("saved files hold every interface with its name, and tshark reads them where there is one", async ({
  page,
}) => {
  await open(page);
  await sendFirst(page);
  await page.getByRole("tab", { name: "Capture", exact: true }).click();
  await captureOn(page, /^kind-worker$/, "flannel.1");
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save all interfaces (pcapng)" }).click();
  const path = await (await waiting).path();
  const bytes = readFileSync(path);
  expect(bytes.readUInt32LE(0)).toBe(0x0a0d0d0a);
  expect(bytes.includes("kind-worker/flannel.1")).toBe(true);
  let told: string | undefined;
  try {
    const fields = ["-T", "fields", "-e", "frame.interface_name", "-e", "frame.packet_flags_direction"];
    told = execFileSync("tshark", ["-r", path, "-Y", "icmp", ...fields], { encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  if (told !== undefined) expect(told).toMatch(/^kind-worker\/flannel\.1\t0x00000002$/m);
});

test("the control plane's deeds: who bound a pod, what changed, and the board as it was then", async ({
  page,
}) => {
  await open(page);
  await page.getByRole("tab", { name: "Control plane", exact: true }).click();
  await page.getByLabel("Component").selectOption("default-scheduler");
  await page.getByLabel("Object or words").fill("pod frontend");
  await page.getByRole("grid", { name: "Control plane" }).getByRole("row", { name: /bind/ }).first().click();
  await expect(page.locator(".deed-detail")).toContainText("spec.nodeName");
  await expect(page.getByRole("button", { name: /^Pod frontend/ })).toHaveCount(0);
  await page.screenshot({ path: `${PICTURES}/control-plane.png` });
  await page.getByRole("button", { name: "Back to the present" }).click();
  await expect(page.getByRole("button", { name: /^Pod frontend/ }).first()).toBeVisible();
});
