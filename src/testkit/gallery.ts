import { WorldState } from "../app/model/world.ts";
import { compileFilter } from "../formats/tcpdump/filter/compile.ts";
import { LINKTYPE_ETHERNET, LINKTYPE_RAW } from "../formats/tcpdump/print/packet.ts";
import { loadBundled } from "../lab/bundled.ts";
import { openLab } from "../lab/index.ts";
import { parts } from "../lab/more.ts";
import { provideUserland } from "../lab/programs.ts";
import { userland } from "../lab/userland.ts";
import {
  matchPlace,
  probeAction,
  probeOutcome,
  type ProbeSurroundings,
  withAddresses,
} from "../scenario/probes.ts";
import type { Scenario } from "../scenario/schema.ts";
import type { PreparedProbe, ProbeOutcome } from "../scenario/story.ts";
import type { FrameRecord } from "../trace/record.ts";
import { TraceReader } from "../trace/reader.ts";

/** What a scenario may come to need while it is driven without a pause. */
export const fetchCode: () => Promise<void> = loadBundled;

/** A frame that passed a device while a probe was under way. */
interface Crossing {
  readonly place: string;
  readonly device: string;
  readonly frame: FrameRecord;
}

export interface ProbeResult {
  readonly outcome: ProbeOutcome;
  readonly printed: string;
  /** Sightings that were promised and not made, and those that should not have been. */
  readonly wrong: readonly string[];
}

/** A scenario in the real engine, asked what it has prepared. */
export class OpenedScenario {
  readonly reader = new TraceReader();
  private readonly lab;
  private readonly world = new WorldState(this.reader);

  constructor(scenario: Scenario) {
    provideUserland(userland, parts);
    const opened = openLab(scenario);
    if (!opened.ok) throw new Error(opened.error.message);
    this.lab = opened.value.lab;
    while (opened.value.start.step() === undefined) this.reader.append(this.lab.takeTrace());
    this.catchUp();
  }

  /** Labels of all namespaces, the newest first: of two pods with one name the living one. */
  places(): readonly string[] {
    return this.world
      .everywhere("netns")
      .map(({ row }) => row.label)
      .toReversed();
  }

  private surroundings(): ProbeSurroundings {
    const addressOf = (place: string): string | undefined => {
      const found = this.world.everywhere("netns").find(({ row }) => row.label === place);
      const rows = found === undefined ? [] : this.world.rows("address", found.netns);
      return rows.find(({ row }) => row.scope === 0)?.row.local;
    };
    return { places: this.places(), addressOf };
  }

  ask(probe: PreparedProbe): ProbeResult {
    const action = probeAction(probe, this.surroundings());
    if (action === undefined) throw new Error(`there is no place ${probe.from}: ${this.places().join(" ")}`);
    const first = this.reader.length;
    let printed = "";
    const run = this.lab.act({ kind: "shell", ...action }, (_, text) => (printed += text));
    if (!run.ok) throw new Error(run.error.message);
    let status: number | undefined;
    while ((status = run.value.step()) === undefined);
    this.catchUp();
    const { passes, avoids } = probe.expect;
    const crossings = passes.length + avoids.length === 0 ? [] : this.crossings(first);
    return {
      outcome: probeOutcome(probe.kind, status, printed),
      printed,
      wrong: [
        ...this.missing(passes, crossings),
        ...avoids.filter((each) => crossings.some(this.sighting(each))).map((each) => `seen: ${each}`),
      ],
    };
  }

  private catchUp(): void {
    this.reader.append(this.lab.takeTrace());
    this.world.moveToEnd();
  }

  /** In order, though others may lie between. */
  private missing(passes: readonly string[], crossings: readonly Crossing[]): string[] {
    let at = 0;
    for (const each of passes) {
      const sees = this.sighting(each);
      const found = crossings.findIndex((crossing, i) => i >= at && sees(crossing));
      if (found < 0) return [`not seen: ${each}`];
      at = found + 1;
    }
    return [];
  }

  /** `place/device`, then what tcpdump would be asked for. */
  private sighting(written: string): (crossing: Crossing) => boolean {
    const text = withAddresses(written, this.surroundings());
    const [, place = "", device = "", filter = ""] = /^([^/]*)\/(\S+)\s*(.*)$/.exec(text) ?? [];
    const where = matchPlace(place, this.places());
    if (where === undefined) throw new Error(`there is no place ${place}: ${this.places().join(" ")}`);
    const [ethernet, raw] = [LINKTYPE_ETHERNET, LINKTYPE_RAW].map((linkType) => {
      const compiled = compileFilter(filter, linkType);
      if (compiled.ok) return { linkType, passes: compiled.value };
      if (linkType === LINKTYPE_RAW) return { linkType, passes: () => false };
      throw new Error(`${text}: ${JSON.stringify(compiled.error)}`);
    });
    return (crossing) => {
      const { bytes, length, raw: isRaw } = crossing.frame;
      const filterOf = isRaw === true ? raw : ethernet;
      const fits = device.endsWith("*")
        ? crossing.device.startsWith(device.slice(0, -1))
        : crossing.device === device;
      if (crossing.place !== where || !fits || filterOf === undefined) return false;
      return filterOf.passes({ linkType: filterOf.linkType, bytes, length });
    };
  }

  private crossings(first: number): readonly Crossing[] {
    const found: Crossing[] = [];
    for (let i = first; i < this.reader.length; i++) {
      if (this.reader.kind(i) !== "frame") continue;
      const frame = this.reader.record(i);
      if (frame.kind !== "frame") continue;
      const place = this.world.row("netns", frame.netns, String(frame.netns))?.row.label ?? "";
      const device = this.world.row("link", frame.netns, String(frame.dev))?.row.name ?? "";
      found.push({ place, device, frame });
    }
    return found;
  }
}
