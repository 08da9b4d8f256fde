import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { PANELS } from "../src/app/dock/panels.ts";
import { en, type TextKey } from "../src/app/i18n/en.ts";
import { enLate } from "../src/app/i18n/en-late.ts";
import { zhCn } from "../src/app/i18n/zh-cn.ts";

/** Every panel, window, menu and state of the page, looked at by axe: each theme, language and size with each other. */

interface Look {
  readonly locale: "en-US" | "zh-CN";
  readonly colorScheme: "light" | "dark";
  readonly width: 1440 | 390;
}

const LOOKS: readonly Look[] = [
  { locale: "en-US", colorScheme: "light", width: 1440 },
  { locale: "zh-CN", colorScheme: "dark", width: 1440 },
  { locale: "zh-CN", colorScheme: "light", width: 390 },
  { locale: "en-US", colorScheme: "dark", width: 390 },
];

/** WCAG 2.0 to 2.2, levels A and AA. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** The page in one look, and the words on its buttons. */
class Reader {
  readonly page: Page;
  readonly look: Look;

  constructor(page: Page, look: Look) {
    this.page = page;
    this.look = look;
  }

  say(key: TextKey): string {
    return this.look.locale === "zh-CN" ? zhCn[key] : { ...en, ...enLate }[key];
  }

  button(key: TextKey, within: Page | Locator = this.page): Locator {
    return within.getByRole("button", { name: this.say(key), exact: true }).first();
  }

  async ready(): Promise<void> {
    await expect(this.page.locator(".stage[data-phase=ready]")).toBeVisible({ timeout: 45_000 });
  }

  /** One of the questions that the scenario has prepared, told to its end. */
  async ask(number: number): Promise<void> {
    await this.page.locator(".prepared summary").click();
    await this.page
      .locator(".prepared li button")
      .nth(number - 1)
      .click();
    await expect(this.page.locator(".sendbar > [role=status]")).toHaveCount(0, { timeout: 20_000 });
  }

  async dock(id: string): Promise<void> {
    await this.page
      .locator(".dock-tabs [role=tab]")
      .nth(PANELS.findIndex((panel) => panel.id === id))
      .click();
    await expect(this.page.locator(`.dock-${id}`)).toBeVisible();
  }

  /** On a phone the inspector is a sheet that has to be opened. */
  async inspector(tab: 0 | 1 | 2): Promise<void> {
    const handle = this.page.locator(".sheet-handle");
    if ((await handle.isVisible()) && (await handle.getAttribute("aria-expanded")) === "false")
      await handle.click();
    await this.page.locator(".inspector .tabs [role=tab]").nth(tab).click();
  }

  async closeInspector(): Promise<void> {
    const handle = this.page.locator(".sheet-handle");
    if ((await handle.isVisible()) && (await handle.getAttribute("aria-expanded")) === "true")
      await handle.click();
  }

  /** Keys go to the page, no longer to a tab. */
  async leave(): Promise<void> {
    await this.page.evaluate(() => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    });
  }

  /** A thing of the board's, by keyboard: on a phone it may lie under something. */
  async press(selector: string, key = "Enter"): Promise<void> {
    await this.page.locator(selector).first().focus();
    await this.page.keyboard.press(key);
  }

  /** The form of the first thing of a kind in the list of everything. */
  async form(kind: RegExp): Promise<void> {
    await this.inspector(2);
    const leave = this.button("form.deselect");
    if (await leave.isVisible()) await leave.click();
    await this.page.locator(".outline li button").filter({ hasText: kind }).first().click();
  }
}

interface State {
  readonly name: string;
  /** Files of `src/app` that are looked at here. */
  readonly covers: readonly string[];
  /** What axe looks at; the whole page when left out. */
  readonly part?: string;
  readonly show: (reader: Reader) => Promise<void>;
}

const STATES: readonly State[] = [
  {
    name: "the page, before anything was sent",
    covers: ["TopBar", "SendBar", "BoardView", "Inspector", "Dock", "Palette", "Transport", "Title"],
    show: async () => {},
  },
  {
    name: "questions of the scenario",
    covers: ["Prepared"],
    part: ".sendbar",
    show: ({ page }) => page.locator(".prepared summary").click(),
  },
  {
    name: "a journey at its end",
    covers: ["HopPanel", "FramePanel", "Hops", "Talk", "Tracks", "TicketNode", "ServiceLabels", "SheetLine"],
    show: async (reader) => {
      await reader.page.keyboard.press("Escape");
      await reader.ask(1);
      await expect(reader.page.getByRole("slider")).toBeVisible({ timeout: 20_000 });
      await reader.page.keyboard.press("End");
    },
  },
  {
    name: "a hop whose rules decided",
    covers: ["NetfilterPanel", "TablePanel", "Command"],
    part: ".inspector",
    show: async (reader) => {
      await reader.inspector(0);
      await reader.leave();
      await reader.page.keyboard.press("Home");
      for (let i = 0; i < 40 && (await reader.page.locator(".panel .rules").count()) === 0; i++)
        await reader.page.keyboard.press("ArrowRight");
      await expect(reader.page.locator(".panel .rules")).toBeVisible();
    },
  },
  {
    name: "predict",
    covers: ["PredictBar"],
    part: ".timeline",
    show: async (reader) => {
      await reader.closeInspector();
      const more = reader.page.locator(".transport .more-toggle");
      if (await more.isVisible()) await more.click();
      await reader.button("predict.on").click();
      await expect(reader.page.locator(".predict")).toBeVisible();
    },
  },
  {
    name: "all packets at once",
    covers: ["TrafficLayer"],
    part: ".traffic-bar",
    show: async (reader) => {
      await reader.button("predict.on").click();
      await reader.button("traffic.all").click();
      await expect(reader.page.locator(".traffic-bar")).toBeVisible();
    },
  },
  {
    name: "a device with its tables",
    covers: ["DevicePanel", "BreakPanel", "entries"],
    part: ".inspector",
    show: async (reader) => {
      await reader.page.locator(".traffic-bar button").first().click();
      await reader.press(".react-flow__node-device");
      await reader.inspector(1);
      await expect(reader.page.locator(".panel .ktable").first()).toBeVisible();
    },
  },
  {
    name: "the host's stack opened, its chains unfolded",
    covers: ["InsideNode", "ChainsPanel", "SetsPanel"],
    part: ".stage",
    show: async (reader) => {
      await reader.closeInspector();
      await reader.press(".react-flow__node-stack[aria-label*=node1]");
      await reader.inspector(1);
      await reader.button("inside.open").click();
      await reader.closeInspector();
      await reader.page.locator(".inside-chains summary").first().click();
    },
  },
  {
    name: "a Service",
    covers: ["ServicePanel"],
    part: ".inspector",
    show: async (reader) => {
      await reader.button("app.close", reader.page.locator(".inside")).click();
      await reader.press(".service-label");
      await reader.inspector(1);
    },
  },
  {
    name: "the cluster's form and everything in the document",
    covers: ["ClusterForm", "Properties", "Arrange", "Outline"],
    part: ".inspector",
    show: (reader) => reader.inspector(2),
  },
  {
    name: "an object's form",
    covers: ["ObjectForm", "NameField", "Marks"],
    part: ".inspector",
    show: (reader) => reader.form(/^Service/),
  },
  {
    name: "the text of an object",
    covers: ["YamlDialog"],
    part: "dialog",
    show: async (reader) => {
      await reader.button("form.yaml").click();
      await expect(reader.page.locator("dialog .cm-content")).toBeVisible();
    },
  },
  {
    name: "a machine's form",
    covers: ["MachineForm"],
    part: ".inspector",
    show: async (reader) => {
      await reader.page.keyboard.press("Escape");
      await expect(reader.page.getByRole("dialog")).toHaveCount(0);
      await reader.form(/client/);
    },
  },
  {
    name: "what can be broken here",
    covers: ["BreakMenu"],
    part: ".break-menu",
    show: async (reader) => {
      await reader.button("form.deselect").click();
      await reader.closeInspector();
      await reader.press(".react-flow__node-stack[aria-label*=node1]", "Shift+F10");
      await expect(reader.page.getByRole("menu")).toBeVisible();
    },
  },
  {
    name: "something broken",
    covers: ["BrokenBar"],
    part: ".stage",
    show: async (reader) => {
      await reader.page.locator(".break-menu [role=menuitem]").first().click();
      await expect(reader.page.locator(".broken")).toBeVisible({ timeout: 20_000 });
    },
  },
  {
    name: "who reaches whom, and what changed",
    covers: ["ComparePanel", "ReachMatrix"],
    part: ".timeline",
    show: async (reader) => {
      await reader.dock("compare");
      await reader.button("reach.run").click();
      await expect(reader.page.locator(".reach table")).toBeVisible({ timeout: 60_000 });
    },
  },
  {
    name: "a lost packet",
    covers: ["LostBanner", "Overlay"],
    show: async (reader) => {
      await reader.page.locator(".broken button").first().click();
      await expect(reader.page.locator(".broken")).toHaveCount(0, { timeout: 20_000 });
      await reader.dock("hops");
      await reader.ask(3);
      await reader.page.keyboard.press("End");
      await expect(reader.page.locator(".lost")).toBeVisible();
    },
  },
  {
    name: "what a command printed",
    covers: ["Printed"],
    part: ".sendbar",
    show: async (reader) => {
      await reader.ask(4);
      await expect(reader.page.locator(".printed")).toBeVisible();
    },
  },
  {
    name: "the form for a packet",
    covers: ["ProbeForm"],
    part: ".sendbar",
    show: (reader) => reader.button("send.mode").click(),
  },
  {
    name: "two captures and a packet in detail",
    covers: ["CapturePanel", "PacketTable", "PacketDetail"],
    part: ".timeline",
    show: async (reader) => {
      await reader.button("send.cancel").click();
      await reader.dock("capture");
      const choice = reader.page.locator(".dock-capture select").first();
      for (const name of ["eth0", "cni0"]) {
        const option = choice.locator("option").filter({ hasText: new RegExp(`^${name}$`) });
        await choice.selectOption((await option.last().getAttribute("value")) ?? "");
      }
      await reader.page.locator(".packet-row").first().click();
      await expect(reader.page.locator(".packet-detail")).toBeVisible();
    },
  },
  {
    name: "a terminal",
    covers: ["TerminalPanel", "Screen", "ClockBar", "PacketList"],
    part: ".timeline",
    show: async (reader) => {
      await reader.dock("terminal");
      await expect(reader.page.locator(".xterm-rows").first()).toContainText("flannelgraph", {
        timeout: 20_000,
      });
    },
  },
  {
    name: "the control plane",
    covers: ["ControlPanel"],
    part: ".timeline",
    show: (reader) => reader.dock("control"),
  },
  { name: "flows", covers: ["FlowsPanel"], part: ".timeline", show: (reader) => reader.dock("flows") },
  {
    name: "the legend",
    covers: ["Legend"],
    part: ".legend",
    show: async ({ page }) => {
      await page.keyboard.press("F1");
      await expect(page.locator(".legend")).toBeVisible();
    },
  },
  {
    name: "finding",
    covers: ["FindDialog", "Dialog", "Picker"],
    part: "dialog",
    show: async ({ page }) => {
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+f");
      await expect(page.getByRole("dialog")).toBeVisible();
      await page.keyboard.type("no");
    },
  },
  {
    name: "commands",
    covers: ["CommandDialog"],
    part: "dialog",
    show: async ({ page }) => {
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+k");
      await expect(page.locator("dialog").getByRole("combobox")).toBeVisible();
    },
  },
  {
    name: "sharing",
    covers: ["ShareDialog"],
    part: "dialog",
    show: async (reader) => {
      await reader.page.keyboard.press("Escape");
      await reader.button("share.open").click();
      await expect(reader.page.getByRole("dialog").getByRole("textbox").first()).toHaveValue(/#/);
    },
  },
  {
    name: "the gallery",
    covers: ["GalleryDialog", "Picture"],
    part: "dialog",
    show: async (reader) => {
      await reader.page.keyboard.press("Escape");
      await reader.button("gallery.open").click();
      await expect(reader.page.locator(".card svg").first()).toBeVisible();
    },
  },
  {
    name: "presenting",
    covers: ["Presenter"],
    show: async (reader) => {
      await reader.page.keyboard.press("Escape");
      await reader.button("present.start").click();
      await expect(reader.page.locator(".presenter")).toBeVisible();
    },
  },
  {
    name: "an Ingress that nobody serves",
    covers: ["MissingAddon", "WiringBar"],
    show: async (reader) => {
      await reader.page.keyboard.press("Escape");
      await expect(reader.page.locator(".presenter")).toHaveCount(0);
      const toggle = reader.page.locator(".palette-toggle");
      if (!(await reader.page.locator(".item-ingress").isVisible())) await toggle.click();
      await reader.page.locator(".item-ingress").click();
      await expect(reader.page.locator(".missing")).toBeAttached({ timeout: 20_000 });
      await reader.inspector(2);
    },
  },
  {
    name: "a message that something was not found",
    covers: ["Dialogs"],
    part: ".message",
    show: async ({ page }) => {
      await page.evaluate(() => {
        location.hash = "#g=nonsense";
      });
      await expect(page.locator(".message")).toBeVisible();
    },
  },
  {
    name: "a pasted node with its verdict",
    covers: ["PastePanel"],
    part: ".timeline",
    show: async (reader) => {
      const { page } = reader;
      await page.locator(".message button").click();
      await reader.closeInspector();
      await reader.dock("paste");
      await page
        .locator(".paste textarea")
        .fill(
          "*filter\n:FORWARD DROP [0:0]\n-A FORWARD --nonsense 3\nCOMMIT\n2: eth0: <UP> mtu 1500 state UP\n    inet 192.168.1.10/24 scope global eth0\n",
        );
      await page.locator(".paste").getByLabel(reader.say("paste.dst"), { exact: true }).fill("192.168.1.20");
      await page.locator(".paste .primary").click();
      await expect(page.locator(".paste-verdict")).toBeVisible({ timeout: 30_000 });
    },
  },
];

/** Pages that are opened in another way. */
const OPENED: readonly { readonly name: string; readonly path: string }[] = [
  { name: "embedded", path: "/?embed#g=first-packet" },
  { name: "to be looked at only", path: "/?read#g=first-packet" },
];

/** Not looked at here: they draw no page of their own, have no words, or stand in a story of their own. */
const ELSEWHERE = [
  ...["App", "main", "late", "Sentence", "Icon", "More", "nodes"],
  // large.spec.ts, smoke.spec.ts, build.spec.ts
  ...["FarLayer", "States", "Ports", "ChooseOne"],
];

async function complaints(page: Page, part?: string): Promise<string[]> {
  let axe = new AxeBuilder({ page }).withTags(TAGS).setLegacyMode();
  if (part !== undefined) axe = axe.include(part);
  // The screen of a terminal is drawn for eyes; readers hear xterm's own live region.
  const { violations } = await axe.exclude(".xterm").analyze();
  return violations.flatMap(({ id, nodes }) => {
    // The board is a drawing that one zooms: what is small on it is large from near, and in the list that finds it.
    const told = nodes.filter(({ html }) => id !== "target-size" || !html.includes("react-flow__node"));
    return told.length === 0 ? [] : [complaint(id, told)];
  });
}

function complaint(
  id: string,
  nodes: readonly { readonly html: string; readonly any: readonly { readonly message: string }[] }[],
): string {
  return `${id}: ${nodes.map(({ html, any }) => `${html.slice(0, 140)} ${any[0]?.message ?? ""}`).join(" | ")}`;
}

for (const look of LOOKS)
  test(`nothing that WCAG 2.2 AA forbids: ${look.locale}, ${look.colorScheme}, ${look.width} wide`, async ({
    browser,
    baseURL,
  }) => {
    test.setTimeout(180_000);
    const { locale, colorScheme, width } = look;
    const viewport = { width, height: width === 390 ? 844 : 900 };
    const context = await browser.newContext({
      viewport,
      locale,
      colorScheme,
      reducedMotion: "reduce",
      hasTouch: width === 390,
      ...(baseURL && { baseURL }),
    });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const reader = new Reader(page, look);
    await page.goto("/#g=nodeport");
    await reader.ready();
    for (const { name, part, show } of STATES)
      await test.step(name, async () => {
        await show(reader);
        expect.soft(await complaints(page, part), name).toEqual([]);
      });
    for (const { name, path } of OPENED)
      await test.step(name, async () => {
        await page.goto("about:blank");
        await page.goto(path);
        await reader.ready();
        await page.locator(".sendbar .first").click();
        await expect(page.getByRole("slider")).toBeVisible({ timeout: 20_000 });
        expect.soft(await complaints(page), name).toEqual([]);
      });
    await context.close();
  });

test("no part of the page is left out of this", () => {
  const app = fileURLToPath(new URL("../src/app", import.meta.url));
  const parts = readdirSync(app, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".tsx"))
    .map((path) => path.replace(/^.*\//, "").replace(/\.tsx$/, ""));
  const covered = new Set([...STATES.flatMap(({ covers }) => covers), ...ELSEWHERE]);
  expect(parts.filter((part) => !covered.has(part))).toEqual([]);
  expect([...covered].filter((part) => !parts.includes(part))).toEqual([]);
});
