import { beforeAll, expect, it } from "vitest";
import { en as early } from "./en.ts";
import { enLate } from "./en-late.ts";
import { format, loadLanguage, loadLateWords, pieces, preferredLanguage } from "./text.ts";
import { zhCn } from "./zh-cn.ts";

const en = { ...enLate, ...early };

beforeAll(() => Promise.all([loadLanguage("zh-CN"), loadLateWords()]));

const holes = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

it("fills only holes in Chinese that English has too", () => {
  for (const [key, text] of Object.entries(zhCn)) {
    const known: string[] = holes(Object.entries(en).find(([other]) => other === key)?.[1] ?? "");
    for (const hole of holes(text)) expect(known, key).toContain(hole);
  }
});

it("leaves nothing untranslated", () => {
  const same = Object.entries(en).filter(
    ([key, text]) => /[a-z]{4}/.test(text) && zhCn[key as keyof typeof en] === text,
  );
  // Names and commands are the same in every language.
  expect(same.map(([key]) => key).sort()).toEqual([
    "app.name",
    "badge.nat",
    "badge.ttl",
    "break.fdb",
    "break.neigh",
    "break.route",
    "build.item.ingress",
    "build.section.linux",
    "control.filterHint",
    "node.stack.title",
    "paste.why.rule",
    "send.ping",
    "ticket.title",
  ]);
});

it("tells words from values", () => {
  expect(pieces("en", "drop.down", { dev: "eth0" })).toEqual([
    { text: "eth0", isValue: true },
    { text: " is down.", isValue: false },
  ]);
  expect(format("zh-CN", "drop.down", { dev: "eth0" })).toBe("eth0 已关闭。");
});

it("takes the first language it knows from the browser's list", () => {
  expect(preferredLanguage(["fr", "zh-TW", "en"])).toBe("zh-CN");
  expect(preferredLanguage(["fr"])).toBe("en");
});
