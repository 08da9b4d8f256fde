import { createStore, type StoreApi } from "zustand/vanilla";
import type { RebuildReason } from "../../scenario/edit/plan.ts";
import type { Scenario } from "../../scenario/schema.ts";
import { type Phrase, phrase } from "../model/explain/phrase.ts";
import { KEPT_STATES, type Shelf, type Work } from "./shelf.ts";

/** Where the open scenario comes from, as long as nothing of it was changed. */
export type Origin =
  { readonly kind: "first" | "link" | "file" | "work" } | { readonly kind: "gallery"; readonly id: string };

/** Whether the reader's changes are safe. */
export type Saving = "untouched" | "saving" | "saved" | "kept-here" | "failed";

export interface DocumentState {
  readonly scenario: Scenario | undefined;
  readonly origin: Origin;
  readonly past: readonly Scenario[];
  readonly future: readonly Scenario[];
  readonly saving: Saving;
  /** Id of the work on the shelf; undefined while nothing was changed. */
  readonly work: string | undefined;
  /** Says what the reader has to know: a link that could not be read, a second page with the same work. */
  readonly message: Phrase | undefined;
  /** Why the world is being built anew, when an edit was the cause. */
  readonly rebuild: RebuildReason | undefined;
}

/** Why the scenario is another one now. */
export type Change = "open" | "edit" | "undo" | "redo";

/** What the document needs of the page. */
export interface DocumentPorts {
  readonly shelf: () => Promise<Shelf>;
  readonly now: () => number;
  readonly newId: () => string;
  /** Called when a reader's change becomes a work: the page's address no longer tells what is open. */
  readonly becameWork: (id: string) => void;
  /** Called with every other scenario, so that the world follows. */
  readonly changed: (now: Scenario, before: Scenario | undefined, change: Change) => void;
}

const NOTHING: DocumentState = {
  scenario: undefined,
  origin: { kind: "first" },
  past: [],
  future: [],
  saving: "untouched",
  work: undefined,
  message: undefined,
  rebuild: undefined,
};

/**
 * The open scenario, its history, and its place on the shelf. Every edit is saved at once, as one more state: a crash
 * or a closed page loses nothing, and undo reaches over a reload.
 */
export class ScenarioDocument {
  readonly store: StoreApi<DocumentState> = createStore<DocumentState>()(() => NOTHING);
  private readonly ports: DocumentPorts;
  private revision = 0;
  /** The save that is going on, and whether another one has to follow. */
  private saving: Promise<void> | undefined;
  private isStale = false;

  constructor(ports: DocumentPorts) {
    this.ports = ports;
  }

  get state(): DocumentState {
    return this.store.getState();
  }

  /** Opens something that is not on the shelf. */
  open(scenario: Scenario, origin: Origin): void {
    this.revision = 0;
    this.become({ ...NOTHING, scenario, origin }, "open");
  }

  /** Opens a work from the shelf with its history; false when it is not there. */
  async openWork(id: string): Promise<boolean> {
    const work = await (await this.ports.shelf()).read(id);
    if (work === undefined) return false;
    const { scenario, past, future, revision } = work;
    this.revision = revision;
    const kept = { scenario, past, future, work: id, saving: "saved" } as const;
    this.become({ ...NOTHING, ...kept, origin: { kind: "work" } }, "open");
    return true;
  }

  /** One step of editing. */
  edit(scenario: Scenario): void {
    const { scenario: before, past } = this.state;
    if (before === undefined || scenario === before) return;
    this.become({ scenario, past: [...past, before].slice(-KEPT_STATES), future: [] }, "edit");
    this.save();
  }

  undo(): void {
    const { scenario, past, future } = this.state;
    const before = past.at(-1);
    if (before === undefined || scenario === undefined) return;
    this.become({ scenario: before, past: past.slice(0, -1), future: [scenario, ...future] }, "undo");
    this.save();
  }

  redo(): void {
    const { scenario, past, future } = this.state;
    const [next, ...rest] = future;
    if (next === undefined || scenario === undefined) return;
    this.become({ scenario: next, past: [...past, scenario], future: rest }, "redo");
    this.save();
  }

  /** Takes an edit back that the world has refused: it never happened there. */
  retract(refused: Scenario, before: Scenario): void {
    if (this.state.scenario !== refused) return;
    const past = this.state.past.at(-1) === before ? this.state.past.slice(0, -1) : this.state.past;
    this.store.setState({ scenario: before, past });
    this.save();
  }

  tell(message: Phrase | undefined): void {
    this.store.setState({ message });
  }

  explain(rebuild: RebuildReason | undefined): void {
    this.store.setState({ rebuild });
  }

  /** Resolves when all that was changed so far is safe. */
  async settled(): Promise<void> {
    while (this.saving !== undefined) await this.saving;
  }

  private become(next: Partial<DocumentState>, change: Change): void {
    const { scenario: before } = this.state;
    this.store.setState(next);
    const { scenario } = this.state;
    if (scenario !== undefined) this.ports.changed(scenario, before, change);
  }

  private save(): void {
    this.store.setState({ saving: "saving" });
    this.isStale = true;
    this.saving ??= this.saveAll().finally(() => {
      this.saving = undefined;
    });
  }

  private async saveAll(): Promise<void> {
    try {
      const shelf = await this.ports.shelf();
      while (this.isStale) {
        this.isStale = false;
        await this.saveOnce(shelf);
      }
      this.store.setState({ saving: "saved" });
    } catch {
      this.store.setState({ saving: "failed" });
    }
  }

  private async saveOnce(shelf: Shelf): Promise<void> {
    const { work, scenario, past, future } = this.state;
    if (scenario === undefined) return;
    const id = work ?? this.ports.newId();
    if (work === undefined) this.adopt(id);
    const next: Work = { id, scenario, past, future, saved: this.ports.now(), revision: this.revision + 1 };
    if (await shelf.put(next)) {
      this.revision = next.revision;
      return;
    }
    // Another page has saved its own changes under this id: both are kept.
    const other = this.ports.newId();
    this.adopt(other);
    this.tell(phrase("work.forked"));
    await shelf.put({ ...next, id: other, revision: 1 });
    this.revision = 1;
  }

  private adopt(id: string): void {
    this.store.setState({ work: id });
    this.ports.becameWork(id);
  }
}
