import { beforeAll, describe, expect, it } from "vitest";
import { fetchCode, OpenedScenario } from "../../testkit/gallery.ts";
import { readScenario } from "../read.ts";
import { GALLERY } from "./index.ts";
import { TITLES } from "./titles.ts";

const only = process.env["GALLERY"];
const wanted = GALLERY.filter(({ id }) => only === undefined || only.split(",").includes(id));

beforeAll(fetchCode, 60_000);

describe.each(wanted)("$id", ({ id, load }) => {
  it("does what its probes promise", async () => {
    const scenario = await load();
    const opened = new OpenedScenario(scenario);
    for (const probe of scenario.probes ?? []) {
      const { outcome, printed, wrong } = opened.ask(probe);
      if (only !== undefined)
        process.stdout.write(`# ${id}: ${probe.title.en}: ${outcome}\n${printed}${wrong.join("\n")}\n`);
      const said = probe.expect.says ?? "";
      const asked = { outcome, wrong, says: printed.includes(said) ? said : printed };
      expect.soft(asked, probe.title.en).toEqual({ outcome: probe.expect.outcome, wrong: [], says: said });
    }
  }, 120_000);
});

it("has a text in both languages, probes, and a document that can be saved and read again", async () => {
  for (const { id, title, load } of GALLERY) {
    const scenario = await load();
    expect(scenario.story?.title, id).toEqual(title);
    expect(scenario.story?.text.zh, id).toMatch(/[\u4e00-\u9fff]{8}/);
    expect(scenario.probes?.length, id).toBeGreaterThan(0);
    expect(readScenario(JSON.parse(JSON.stringify(scenario)))).toEqual({ ok: true, value: scenario });
  }
});

it("is as long as its list of titles, in that order", () => {
  expect(GALLERY.map(({ id }) => id)).toEqual(Object.keys(TITLES));
  expect(GALLERY.length).toBe(33);
});
