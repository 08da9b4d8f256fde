import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { headline, open, PICTURES, slider, stepTo } from "./page.ts";

test.use({ locale: "en-US", colorScheme: "light" });

/** Asks the prepared Service and stops before the first packet of the connection moves. */
async function visit(page: Page): Promise<void> {
  await page.locator(".sendbar .second").click();
  await expect(slider(page)).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press("Home");
}

const panel = (page: Page, name: string) => page.getByRole("tab", { name, exact: true });

/** What axe calls serious, by rule and place. */
async function serious(page: Page, within = "body"): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).include(within).analyze();
  return violations
    .filter(({ impact }) => /serious|critical/.test(impact ?? ""))
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 120) ?? ""}`);
}

test("the node's conntrack ticket is written where NAT happens, and the answer is held against it", async ({
  page,
}) => {
  await open(page);
  await visit(page);
  await stepTo(page, /becomes a pod's/);
  const ticket = page.locator(".board-ticket").first();
  await expect(ticket).toContainText("conntrack tcp");
  await expect(ticket).toContainText("NEW");
  await expect(ticket.locator("mark")).toContainText("10.244.");
  await expect(ticket.locator(".board-ticket-nat del")).toContainText("10.96.");
  await stepTo(page, /un-NAT by the conntrack entry/);
  await expect(page.locator(".board-ticket-nat", { hasText: "un-NAT" })).toBeVisible();
  await expect(page.locator(".board-ticket-line.is-here").first()).toContainText("back");
});

test("predict: the next hop is hidden until somebody has guessed, by keyboard; the score is kept", async ({
  page,
}) => {
  await open(page);
  await visit(page);
  await page.getByRole("button", { name: "Predict", exact: true }).click();
  const bar = page.locator(".predict");
  await expect(bar).toContainText("Where does the packet go next?");
  const before = await headline(page).textContent();
  await page.keyboard.press("ArrowRight");
  expect(await headline(page).textContent()).toBe(before);
  await page.keyboard.press("1");
  await expect(bar).toContainText(/Right!|Not this time/);
  await expect(bar).toContainText("of 1 right");
  await expect(bar.locator(".is-right")).toHaveCount(1);
  await page.keyboard.press("ArrowRight");
  await expect(slider(page)).toHaveAttribute("aria-valuenow", "2");
  await expect(bar).toContainText("Where does the packet go next?");
  expect(await serious(page)).toEqual([]);
});

test("flows are listed with their verdict, filtered, and lead to their packet", async ({ page }) => {
  await open(page);
  await visit(page);
  await panel(page, "Flows").click();
  await page.getByLabel("Filter", { exact: true }).fill("curl tcp answered");
  const rows = page.locator(".flows tbody tr");
  await expect(rows).toHaveCount(1);
  await rows.first().getByRole("button").first().click();
  await expect(page.locator(".hop-where")).toContainText("Hop 5 of");
});

test("many clients at once: every packet moves, at the pace of the screen", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: "Send a packet", exact: true }).click();
  await page.getByRole("button", { name: "HTTP", exact: true }).click();
  await page.getByLabel("How often").selectOption("load");
  await page
    .getByRole("button", { name: /^Pod redis-replica/ })
    .first()
    .click();
  await page.getByLabel("To", { exact: true }).fill("frontend");
  await page.keyboard.press("Enter");
  const bar = page.locator(".traffic-bar");
  await expect(bar).toContainText(/\d{4} packets, [1-9]\d* under way/, { timeout: 60_000 });
  await page.screenshot({ path: `${PICTURES}/traffic.png` });
  await bar.getByRole("button", { name: "Back to one packet" }).click();
  await expect(bar).toHaveCount(0);
});

test("something is broken by its command and mended again; who reaches whom is asked before and after", async ({
  page,
}) => {
  await open(page);
  await panel(page, "Who reaches whom").click();
  await page.getByRole("button", { name: "Ask everybody" }).click();
  const again = page.getByRole("button", { name: "Ask again and compare" });
  await expect(again).toBeVisible({ timeout: 60_000 });
  const summary = page.locator(".reach [role=status]");
  await expect(summary).toContainText(/\d+ of \d+ answered/);
  await page.getByRole("button", { name: /^IP stack of kind-worker2/ }).focus();
  await page.getByRole("button", { name: /^IP stack of kind-worker2/ }).click({ button: "right" });
  await page.getByRole("menuitem", { name: /IP forwarding: 1 → 0/ }).click();
  await expect(page.locator(".broken")).toContainText("sysctl -w net.ipv4.ip_forward=0");
  await expect(page.locator(".changes li", { hasText: "ip_forward" })).toContainText(
    "net.ipv4.ip_forward = 0",
  );
  await again.click();
  await expect(summary).toContainText(/[1-9]\d* differ from before/, { timeout: 60_000 });
  await expect(again).toBeVisible({ timeout: 60_000 });
  await page.screenshot({ path: `${PICTURES}/reach.png` });
  await page.locator(".reach .is-new button").first().click();
  await expect(headline(page)).toContainText("dropped in kind-worker2");
  await page.getByRole("button", { name: /^Undo: / }).click();
  await expect(page.locator(".broken")).toHaveCount(0);
});

const PASTED = `*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
COMMIT
*filter
:FORWARD DROP [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -j ACCEPT
-A DOCKER-USER -s 192.168.1.66/32 -j DROP
-A DOCKER-USER --nonsense 3
COMMIT
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP
    inet 192.168.1.10/24 brd 192.168.1.255 scope global eth0
3: docker0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP
    inet 172.17.0.1/16 brd 172.17.255.255 scope global docker0
default via 192.168.1.1 dev eth0
`;

/** A Docker host with IPv6, as `ip6tables-save; ip addr; ip -6 route` print it. */
const PASTED6 = `# Generated by ip6tables-save v1.8.9 (nf_tables) on Sat Nov 21 10:12:05 2026
*filter
:FORWARD DROP [0:0]
-A FORWARD -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination [fd00:d0c::2]:80
COMMIT
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 16:20:84:fa:4a:38 brd ff:ff:ff:ff:ff:ff
    inet6 2001:db8:1::10/64 scope global
3: docker0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    inet6 fd00:d0c::1/64 scope global
2001:db8:1::/64 dev eth0 proto kernel metric 256 pref medium
fd00:d0c::/64 dev docker0 proto kernel metric 256 pref medium
default via fe80::1 dev eth0 metric 1024 pref medium
`;

test("a pasted node: the verdict in words, the rules, the commands, and the line that was not understood", async ({
  page,
}) => {
  await open(page);
  await panel(page, "Paste a node").click();
  await page.getByLabel("Paste it here, all at once").fill(PASTED);
  const fields = page.locator(".paste-packet input");
  for (const [i, text] of ["eth0", "192.168.1.66", "40000", "192.168.1.10", "8080"].entries())
    await fields.nth(i).fill(text);
  await page.getByRole("button", { name: "What becomes of it?" }).click();
  const verdict = page.locator(".paste-verdict");
  await expect(verdict).toContainText("It ends here", { timeout: 30_000 });
  await expect(verdict).toContainText("-A DOCKER-USER -s 192.168.1.66/32 -j DROP");
  await expect(page.locator(".paste-omitted")).toContainText("line 14");
  await page.screenshot({ path: `${PICTURES}/paste.png` });
  expect(await serious(page)).toEqual([]);
  await fields.nth(1).fill("192.168.1.77");
  await page.getByRole("button", { name: "What becomes of it?" }).click();
  await expect(verdict).toContainText("It passes", { timeout: 30_000 });
  await expect(verdict).toContainText("leaves the node by docker0");
  await expect(page.locator(".paste-result .rules")).toContainText("DNAT --to-destination 172.17.0.2:80");
});

test("a pasted node is asked with a packet of IPv6, and met by ip6tables' rules", async ({ page }) => {
  await open(page);
  await panel(page, "Paste a node").click();
  await page.getByLabel("Paste it here, all at once").fill(PASTED6);
  const fields = page.locator(".paste-packet input");
  for (const [i, text] of ["eth0", "2001:db8:1::77", "40000", "2001:db8:1::10", "8080"].entries())
    await fields.nth(i).fill(text);
  await page.getByRole("button", { name: "What becomes of it?" }).click();
  const verdict = page.locator(".paste-verdict");
  await expect(verdict).toContainText("leaves the node by docker0", { timeout: 30_000 });
  await expect(verdict).toContainText("[fd00:d0c::2]:80");
  await expect(page.locator(".paste-result")).toContainText("conntrack -L -f ipv6 -p tcp -d 2001:db8:1::10");
  await expect(page.locator(".paste-result")).toContainText("Every line was understood");
  await page.screenshot({ path: `${PICTURES}/paste-ipv6.png` });
});

test("the stack opened up: the packet stands at the hook whose tables are named", async ({ page }) => {
  await open(page);
  await visit(page);
  await stepTo(page, /becomes a pod's/);
  const node = (await page.locator(".hop-where").textContent())?.split(" · ")[1] ?? "";
  await page.getByRole("button", { name: new RegExp(`^IP stack of ${node}`) }).click();
  await page.getByRole("button", { name: "Open the stack" }).click();
  const inside = page.locator(".inside");
  await expect(inside.locator(".is-here.is-hook")).toContainText("PREROUTING");
  await expect(inside.locator(".is-matched").first()).toContainText("nat");
  await expect(inside.locator(".chains details[open]").first()).toBeVisible();
  await page.screenshot({ path: `${PICTURES}/inside.png` });
  await page.getByRole("tab", { name: "This hop" }).click();
  await slider(page).focus();
  await stepTo(page, /TTL 64 → 63/);
  await expect(inside.locator(".is-here.is-hook")).toContainText("FORWARD");
  expect(await serious(page)).toEqual([]);
});

test("entries are taken away where they are read, and put back; a Service tells who is behind it", async ({
  page,
}) => {
  await open(page);
  await page
    .getByRole("button", { name: /^IP stack of kind-worker / })
    .or(page.getByRole("button", { name: "IP stack of kind-worker", exact: true }))
    .first()
    .click();
  const routes = page.getByRole("table", { name: "Routes of kind-worker", exact: true });
  const lines = routes.locator("tbody tr");
  await expect(routes).toBeVisible();
  const before = await lines.count();
  await routes
    .getByRole("row", { name: /10\.244\.2\.0\/24/ })
    .getByRole("button", { name: /^10\.244/ })
    .click();
  await expect(page.locator(".broken-one")).toContainText("ip route del 10.244.2.0/24");
  await expect(lines).toHaveCount(before - 1);
  await page.locator(".sendbar .first").click();
  await expect(headline(page)).toBeVisible({ timeout: 20_000 });
  await page.getByRole("button", { name: /^Undo: / }).click();
  await expect(page.locator(".broken")).toHaveCount(0);
  await page.getByRole("tab", { name: "Device" }).click();
  await expect(lines).toHaveCount(before);
  await page
    .getByRole("table", { name: /^Settings of kind-worker/ })
    .getByRole("button", { name: /^IP forwarding/ })
    .click();
  await expect(page.locator(".broken-one")).toContainText("sysctl -w net.ipv4.ip_forward=0");
  await page.getByRole("button", { name: /^Undo: / }).click();
  await visit(page);
  await stepTo(page, /becomes a pod's/);
  await page.locator(".service-label", { hasText: "frontend" }).first().click();
  await expect(headline(page)).toHaveText("frontend");
  await expect(page.getByRole("table", { name: "Endpoints (3)" }).locator("tbody tr")).toHaveCount(3);
  await page.screenshot({ path: `${PICTURES}/service.png` });
  expect(await serious(page)).toEqual([]);
});

test("an entry is changed in its own line: an error is told there, a change is undone and done again, and a terminal's too is seen", async ({
  page,
}) => {
  await open(page);
  await page
    .getByRole("button", { name: /^IP stack of kind-worker / })
    .or(page.getByRole("button", { name: "IP stack of kind-worker", exact: true }))
    .first()
    .click();
  const routes = page.getByRole("table", { name: "Routes of kind-worker", exact: true });
  const row = routes.getByRole("row", { name: /^10\.244\.2\.0\/24/ });
  await row.getByRole("button", { name: /^Change 10\.244\.2\.0/ }).click();
  const line = page.getByRole("textbox", { name: /^Command that makes it anew/ });
  await expect(line).toBeFocused();
  await expect(page.locator(".entry-field")).toContainText("ip route replace");
  await line.fill("10.244.2.0/24 via 192.0.2.1 dev eth0");
  await page.keyboard.press("Enter");
  await expect(page.locator(".entry-field").getByRole("alert")).toContainText("Nexthop has invalid gateway");
  expect(await serious(page, ".inspector")).toEqual([]);
  await line.fill("10.244.2.0/24 via 172.18.0.1");
  await page.keyboard.press("Enter");
  await expect(page.locator(".entry-field")).toHaveCount(0);
  await expect(row).toContainText("172.18.0.1");
  await expect(page.locator(".broken-one")).toContainText("ip route replace 10.244.2.0/24 via 172.18.0.1");
  await page.getByRole("button", { name: /^Undo: / }).click();
  await expect(page.locator(".broken")).toHaveCount(0);
  await expect(row).toContainText("10.244.2.0 onlink");
  await page.getByRole("button", { name: /^Do it again: / }).click();
  await expect(row).toContainText("172.18.0.1");
  await page.getByRole("button", { name: /^Undo: / }).click();
  await expect(row).toContainText("10.244.2.0 onlink");

  const rules = page.getByRole("table", { name: "Rules of routing of kind-worker", exact: true });
  await expect(rules.locator("tbody tr")).toHaveCount(3);
  await page.getByRole("button", { name: "Terminal here" }).click();
  await expect(page.locator(".xterm-rows")).toContainText("root@kind-worker:/#");
  await page.keyboard.type("ip rule add to 192.0.2.0/24 lookup 100\n");
  await expect(rules.getByRole("row", { name: /to 192\.0\.2\.0\/24/ })).toContainText("lookup 100");
  await rules.getByRole("button", { name: /^rule 32765/ }).click();
  await expect(rules.locator("tbody tr")).toHaveCount(3);
});

test("servers of IPVS are taken away where they are read, put back, and their scheduler changed", async ({
  page,
}) => {
  await page.goto("/#g=lvs-by-hand");
  await expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });
  await page.getByRole("button", { name: /^IP stack of lvs/ }).click();
  const servers = page.getByRole("table", { name: /^Real servers of TCP 192\.168\.60\.200:9376/ });
  await expect(servers.locator("tbody tr")).toHaveCount(3);
  await servers.getByRole("button", { name: /^10\.1\.4\.5:80/ }).click();
  await expect(page.locator(".broken-one")).toContainText("ipvsadm -d -t 192.168.60.200:9376 -r 10.1.4.5:80");
  await expect(servers.locator("tbody tr")).toHaveCount(2);
  await page.getByRole("button", { name: /^Undo: / }).click();
  await expect(servers.locator("tbody tr")).toHaveCount(3);
  await servers
    .locator("caption")
    .getByRole("button", { name: /^Change / })
    .click();
  await page.getByRole("textbox", { name: /^Command that makes it anew/ }).fill("-s wrr");
  await page.getByRole("button", { name: "Type it" }).click();
  await expect(page.getByRole("table", { name: /9376 wrr/ })).toBeVisible();
  await page.screenshot({ path: `${PICTURES}/entries-ipvs.png` });
});

test("a node's power is cut and given back: its pods are gone from the board, and come again", async ({
  page,
}) => {
  await open(page);
  const pods = page.getByRole("button", { name: /^Pod frontend-\S+ in kind-worker2|^Pod frontend/ });
  const before = await pods.count();
  await page.getByRole("button", { name: /^IP stack of kind-worker2/ }).click({ button: "right" });
  await page.getByRole("menuitem", { name: /^Cut the power of kind-worker2/ }).click();
  await expect(page.locator(".broken-one")).toContainText("ipmitool -H kind-worker2 chassis power off", {
    timeout: 45_000,
  });
  expect(await pods.count()).toBeLessThan(before);
  await page.screenshot({ path: `${PICTURES}/power.png` });
  await page.getByRole("button", { name: /^Undo: / }).click();
  await expect(page.locator(".broken")).toHaveCount(0, { timeout: 45_000 });
  await expect(pods).toHaveCount(before);
});

test("a link does an entry's change again, with its way back", async ({ page, browser }) => {
  await page.goto("/#g=lvs-by-hand");
  await expect(page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });
  await page.getByRole("button", { name: /^IP stack of lvs/ }).click();
  const weights = page.getByRole("table", { name: /^Real servers of TCP 192\.168\.60\.200:9376/ });
  await weights.getByRole("button", { name: /^Change 10\.1\.4\.5:80/ }).click();
  await page.getByRole("textbox", { name: /^Command that makes it anew/ }).fill("-m -w 7");
  await page.keyboard.press("Enter");
  const row = weights.getByRole("row", { name: /^10\.1\.4\.5:80/ });
  await expect(row).toContainText("7");
  await page.getByRole("button", { name: "Share", exact: true }).click();
  const field = page.getByRole("dialog").getByRole("textbox", { name: "Link" });
  await expect(field).toHaveValue(/&m=1\./);
  const link = await field.inputValue();
  const context = await browser.newContext({ locale: "en-US" });
  const other = await context.newPage();
  await other.goto(link);
  await expect(other.locator(".broken-one")).toContainText("ipvsadm -e", { timeout: 45_000 });
  await other.getByRole("button", { name: /^IP stack of lvs/ }).click();
  const again = other.getByRole("row", { name: /^10\.1\.4\.5:80/ }).first();
  await expect(again).toContainText("7");
  await other.getByRole("button", { name: /^Undo: / }).click();
  await expect(other.locator(".broken")).toHaveCount(0);
  await expect(again).toContainText("1");
  await context.close();
});
