import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { open, PICTURES } from "./page.ts";

test.use({ locale: "en-US", colorScheme: "light" });

test("a question for the shell is answered by what it prints", async ({ page }) => {
  await page.goto("/#g=namespaces-and-a-cable");
  await expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });
  const ask = async (title: string) => {
    await page.locator(".prepared summary").click();
    await page
      .locator(".prepared")
      .getByRole("button", { name: new RegExp(title) })
      .click();
  };
  await page.locator(".sendbar .first").click();
  await expect(page.getByRole("slider")).toBeVisible({ timeout: 20_000 });
  await ask("What left has learnt");
  const printed = page.getByRole("region", { name: "What the command printed" });
  await expect(printed).toContainText("ip neigh");
  await expect(printed.locator("pre")).toContainText(/10\.0\.0\.2 dev eth0 lladdr [0-9a-f:]+ \w+/);
  await expect(page.locator(".notice")).toHaveCount(0);
  await page.screenshot({ path: `${PICTURES}/printed.png` });
  const { violations } = await new AxeBuilder({ page }).include(".printed").analyze();
  expect(violations).toEqual([]);
  await printed.getByRole("button", { name: "Close" }).click();
  await expect(printed).toHaveCount(0);
});

test("the question that was asked stays in sight, and the next one is at hand", async ({ page }) => {
  await page.goto("/#g=router-and-nat");
  await expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });
  await page.locator(".sendbar .first").click();
  const asked = page.locator(".prepared summary");
  await expect(asked).toContainText("1/4 The laptop asks for a page");
  await expect(page.getByRole("slider")).toBeVisible({ timeout: 20_000 });
  await page.getByRole("button", { name: "Next question" }).click();
  await expect(asked).toContainText("2/4 What the router remembers");
  await expect(page.locator(".printed pre")).toBeVisible();
  await page.getByRole("button", { name: "Next question" }).click();
  await expect(page.getByRole("slider")).toBeVisible({ timeout: 20_000 });
  await page.getByRole("button", { name: "Next question" }).click();
  // Nothing is sent: what was told before is gone from the board.
  await expect(page.locator(".notice")).toContainText("No packet was sent: ping: connect");
  await expect(page.getByRole("slider")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Next question" })).toHaveCount(0);
});

test("an Ingress that nobody serves says so, and the controller is one button away", async ({ page }) => {
  await open(page);
  await page.locator(".item-ingress").click();
  const missing = page.locator(".missing");
  await expect(missing).toContainText("no ingress controller");
  await page.screenshot({ path: `${PICTURES}/ingress-missing.png` });
  await missing.getByRole("button", { name: "Install ingress-nginx" }).click();
  await expect(missing).toHaveCount(0);
  await expect(page.getByRole("button", { name: /^Pod ingress-nginx-controller/ })).toBeVisible({
    timeout: 60_000,
  });
});

test("a policy that nobody carries out says so", async ({ page }) => {
  await open(page);
  await page.locator(".item-policy").click();
  await expect(page.locator(".missing")).toContainText("every packet passes");
  await expect(page.getByRole("button", { name: "Add kube-router's firewall" })).toBeVisible();
});
