import "../styles/edit.css";
import { useMemo, useState } from "react";
import { GALLERY } from "../../scenario/gallery/index.ts";
import type { Scenario } from "../../scenario/schema.ts";
import { type Say, useBoard, useBoardStore, useSay } from "../board-context.ts";
import { Picker } from "../chrome/Picker.tsx";
import { useDesk, useWork } from "../desk-context.ts";
import type { Desk } from "../document/desk.ts";
import { ALIGNMENTS, DIRECTIONS } from "../model/arrange.ts";
import type { BoardStore } from "../store.ts";
import { PANELS } from "../dock/panels.ts";
import { focusName } from "./edit-keys.ts";
import { type Item, ITEMS, type Section } from "./items.ts";
import { chooseAll } from "./marquee.ts";
import { allSubjects, subjectName } from "./subject.ts";
import { Workbench } from "./workbench.ts";

/** Something that can be done or found by its name. */
interface Command {
  readonly group: string;
  readonly name: string;
  readonly run: () => void;
}

function commandsOf(
  desk: Desk,
  store: BoardStore,
  scenario: Scenario | undefined,
  say: Say,
): readonly Command[] {
  const bench = new Workbench(desk, store);
  const { set, restart, subjects } = store.getState();
  const language = store.getState().language === "en" ? "en" : "zh";
  const doing = say("command.do");
  const act = (name: string, run: () => void): Command => ({ group: doing, name, run });
  const arranging = say("arrange.title");
  const arrange = (name: string, run: () => void): Command => ({ group: arranging, name, run });
  const items = Object.keys(ITEMS).flatMap((section) =>
    ITEMS[section as Section].map((item: Item): Command => {
      const isSetting = section === "plugin" || section === "proxy";
      const group = say(isSetting ? `build.section.${section}` : "command.add");
      return { group, name: say(`build.item.${item}`), run: () => void bench.place(item, undefined) };
    }),
  );
  const found = (scenario === undefined ? [] : allSubjects(scenario)).map((subject): Command => {
    const kind = subject.kind === "object" ? subject.ref.kind : say(`form.kind.${subject.kind}`);
    const run = (): void => set({ subjects: [subject], tab: "edit", sheet: true });
    return { group: say("command.find"), name: `${kind} ${subjectName(subject)}`, run };
  });
  return [
    ...items,
    act(say("edit.undo"), () => desk.document.undo()),
    act(say("edit.redo"), () => desk.document.redo()),
    arrange(say("arrange.auto"), () => bench.layOut()),
    arrange(say("arrange.row"), () => bench.forgetPlaces()),
    ...ALIGNMENTS.map((how) => arrange(say(`arrange.${how}`), () => bench.align(how))),
    ...DIRECTIONS.map((way) => arrange(say(`arrange.${way}`), () => bench.distribute(way))),
    act(say("form.all"), () => chooseAll(desk, store)),
    act(say("board.select"), () => set({ selecting: true })),
    act(say("form.duplicate"), () => bench.duplicate(subjects)),
    act(say("form.rename"), () => {
      set({ tab: "edit", sheet: true });
      focusName();
    }),
    act(say("form.remove"), () => bench.remove(subjects)),
    act(say("form.yaml"), () => set({ dialog: "yaml" })),
    act(say("send.mode"), () => set({ choosing: { source: undefined }, playing: false })),
    act(say("app.reset"), () => void restart()),
    act(say("board.find"), () => set({ dialog: "find" })),
    act(say("app.legend"), () => set({ legend: true })),
    act(say("gallery.open"), () => set({ dialog: "gallery" })),
    act(say("share.open"), () => set({ dialog: "share" })),
    act(say("present.start"), () => set({ presenting: true })),
    ...PANELS.map(({ id, label }) => act(say(label), () => set({ panel: id }))),
    ...found,
    ...GALLERY.map(({ id, title }): Command => ({
      group: say("gallery.open"),
      name: title[language],
      run: () => void desk.openGallery(id),
    })),
  ];
}

/** Every action and everything that has a name, by typing a part of it. */
export default function CommandDialog() {
  const say = useSay();
  const store = useBoardStore();
  const desk = useDesk();
  const scenario = useWork((work) => work.scenario);
  const language = useBoard((board) => board.language);
  const [search, setSearch] = useState("");
  const all = useMemo(
    () => commandsOf(desk, store, scenario, say),
    // The words are those of the language.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [desk, store, scenario, language],
  );
  const words = search.toLowerCase().split(/\s+/);
  const shown = all.filter(({ name, group }) =>
    words.every((word) => `${group} ${name}`.toLowerCase().includes(word)),
  );
  return (
    <Picker
      title={say("command.title")}
      hint={say("command.hint")}
      text={search}
      onText={setSearch}
      shown={shown}
      keyOf={({ group, name }) => `${group} ${name}`}
      draw={({ group, name }) => (
        <>
          <span>{group}</span> {name}
        </>
      )}
      onPick={(command) => command.run()}
      onClose={() => store.getState().set({ dialog: undefined })}
    >
      {shown.length === 0 && <p className="hint-line">{say("command.nothing")}</p>}
    </Picker>
  );
}
