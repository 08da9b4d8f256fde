import { parseDocument, stringify } from "yaml";
import { isRecord } from "../../formats/json.ts";
import { parseManifest } from "../../formats/manifest.ts";
import { clipboardPart, clipboardValue, pastePart } from "../../scenario/edit/duplicate.ts";
import { rename, type RenameProblem } from "../../scenario/edit/rename.ts";
import { addObject, findObject, freshName, objectsOf, partsOf, refOf } from "../../scenario/edit/objects.ts";
import type { Scenario } from "../../scenario/schema.ts";
import type { Desk } from "../document/desk.ts";
import { pluginTexts } from "../document/plugin-texts.ts";
import { type Phrase, phrase } from "../model/explain/phrase.ts";
import { align, type Alignment, distribute, type Direction, layered, shift } from "../model/arrange.ts";
import { movable, normalPlaces, type Places } from "../model/layout/free.ts";
import type { Rect } from "../model/layout/scene.ts";
import type { BoardStore } from "../store.ts";
import { boxKeys } from "./box-keys.ts";
import type { Item } from "./items.ts";
import { accepts, join, place, type Placed, takeAway } from "./place.ts";
import { refOnly, type Subject } from "./subject.ts";

/** Carries out what a reader does with the parts of a scenario; every method is one step that undo takes back. */
export class Workbench {
  private readonly desk: Desk;
  private readonly board: BoardStore;

  constructor(desk: Desk, board: BoardStore) {
    this.desk = desk;
    this.board = board;
  }

  private get scenario(): Scenario | undefined {
    return this.desk.document.state.scenario;
  }

  /** Puts one thing more into the scenario: where it was dropped, else where the selection invites it. */
  async place(item: Item, target: Subject | undefined): Promise<void> {
    const texts = await pluginTexts();
    const { scenario } = this;
    if (scenario === undefined) return;
    const chosen = this.board.getState().subjects[0];
    const where = target ?? (chosen !== undefined && accepts(item, chosen) ? chosen : undefined);
    this.take(place(scenario, item, where, texts));
  }

  /** A cable between two things. */
  join(from: Subject, to: Subject): void {
    const { scenario } = this;
    this.board.getState().set({ connecting: undefined });
    if (scenario !== undefined) this.take(join(scenario, from, to));
  }

  /** Takes all of these away, as one step. */
  remove(subjects: readonly Subject[]): void {
    const before = this.scenario;
    if (before === undefined || subjects.length === 0) return;
    let next = before;
    for (const subject of subjects) {
      const taken = takeAway(next, subject);
      if (!taken.ok) {
        this.say(taken.problem);
        return;
      }
      next = taken.scenario;
    }
    this.board.getState().set({ subjects: [] });
    this.desk.document.edit(next);
  }

  /** What is chosen, as text for the clipboard: manifests, and for other parts documents like them; undefined for nothing. */
  copy(subjects: readonly Subject[]): string | undefined {
    const { scenario } = this;
    if (scenario === undefined) return undefined;
    const texts = subjects.flatMap((subject) => {
      if (subject.kind === "cluster") return [];
      if (subject.kind === "object") return findObject(scenario, subject.ref)?.text ?? [];
      const part = clipboardPart(scenario, subject.kind, subject.name);
      return part === undefined ? [] : stringify(part);
    });
    return texts.length === 0 ? undefined : texts.join("---\n");
  }

  /** One more of each that is chosen. */
  duplicate(subjects: readonly Subject[]): void {
    const text = this.copy(subjects);
    if (text === undefined || !this.paste(text)) this.say(phrase("build.copy.nothing"));
  }

  /** Gives something another name, and everything that names it; says why when that cannot be. */
  rename(subject: Exclude<Subject, { kind: "cluster" }>, name: string): RenameProblem | undefined {
    const { scenario } = this;
    if (scenario === undefined) return { reason: "gone" };
    const renamed = rename(scenario, subject, name);
    if (!renamed.ok) return renamed.error;
    const next: Subject =
      subject.kind === "object"
        ? { kind: "object", ref: { ...refOnly(subject.ref), name } }
        : subject.kind === "node"
          ? subject
          : { kind: subject.kind, name };
    this.board.getState().set({ subjects: [next] });
    this.desk.document.edit(renamed.value);
    return undefined;
  }

  /** Adds what a text has the manifests or parts of, under names that are still free; false when there are none in it. */
  paste(text: string): boolean {
    const { scenario } = this;
    if (scenario === undefined) return false;
    const parts = partsOf(text).filter((part) => part.trim() !== "");
    const subjects: Subject[] = [];
    let next = scenario;
    for (const part of parts) {
      const own = clipboardValue(part);
      if (own !== undefined) {
        const pasted = pastePart(next, own);
        if (pasted === undefined) return false;
        next = pasted.scenario;
        subjects.push({ kind: pasted.kind, name: pasted.name });
        continue;
      }
      const value = parseManifest(part).documents[0]?.value;
      const ref = value === undefined ? undefined : refOf(value);
      if (ref === undefined || next.cluster === undefined) return false;
      const taken = objectsOf(next)
        .filter((each) => each.kind === ref.kind && each.namespace === ref.namespace)
        .map(({ name }) => name);
      const name = freshName(taken, ref.name);
      next = addObject(next, name === ref.name ? part : retitled(part, name));
      subjects.push({ kind: "object", ref: { ...refOnly(ref), name } });
    }
    if (subjects.length === 0) return false;
    this.board.getState().set({ subjects, tab: "edit", sheet: true });
    this.desk.document.edit(next);
    return true;
  }

  /** Moves what is chosen by so many board units. False when no box stands for it. */
  move(dx: number, dy: number): boolean {
    return this.arrange((rects, keys) => shift(rects, keys, dx, dy), 1);
  }

  align(how: Alignment): void {
    this.arrange((rects, keys) => align(rects, keys, how), 2);
  }

  distribute(direction: Direction): void {
    this.arrange((rects, keys) => distribute(rects, keys, direction), 3);
  }

  /** Lays out the whole board by rule. */
  layOut(): void {
    const { cast } = this.board.getState();
    if (cast !== undefined) this.arrange((rects) => layered(cast.topology, rects), 0);
  }

  /** The board as it is laid out when nobody has moved anything. */
  forgetPlaces(): void {
    const { scenario } = this;
    if (scenario?.board === undefined) return;
    const { board: _, ...rest } = scenario;
    this.desk.document.edit(rest);
  }

  /** Gives the boxes other places, when at least so many are chosen. */
  private arrange(
    change: (rects: ReadonlyMap<string, Rect>, keys: readonly string[]) => Places,
    least: number,
  ): boolean {
    const { scenario } = this;
    const { scene, subjects, set } = this.board.getState();
    if (scenario === undefined || scene === undefined || scene.far !== undefined) return false;
    const rects = movable(scene);
    const keys = boxKeys(scenario, subjects).filter((key) => rects.has(key));
    if (keys.length < least) {
      set({ notice: phrase("arrange.few", { count: least }) });
      return false;
    }
    set({ notice: undefined });
    this.desk.document.edit({ ...scenario, board: { places: normalPlaces(change(rects, keys)) } });
    return true;
  }

  private take(placed: Placed): void {
    if (!placed.ok) {
      this.say(placed.problem);
      return;
    }
    this.board.getState().set({ subjects: [placed.subject], tab: "edit", notice: undefined });
    this.desk.document.edit(placed.scenario);
  }

  private say(problem: Phrase): void {
    this.board.getState().set({ notice: problem });
  }
}

/** The same object under another name; labels that were its name follow it. */
function retitled(text: string, name: string): string {
  const document = parseDocument(text);
  const before = document.getIn(["metadata", "name"]);
  document.setIn(["metadata", "name"], name);
  const paths = [
    ["metadata", "labels"],
    ["spec", "selector", "matchLabels"],
    ["spec", "template", "metadata", "labels"],
  ];
  const isDeployment = document.get("kind") !== "Service";
  for (const path of paths) {
    const labels: unknown = document.getIn(path);
    const plain: unknown = labels === undefined ? undefined : document.toJS();
    if (!isRecord(plain) || !isDeployment) continue;
    if (document.getIn([...path, "app"]) === before) document.setIn([...path, "app"], name);
  }
  return document.toString({ indentSeq: false });
}

export function cannotCopy(): Phrase {
  return phrase("build.copy.nothing");
}
