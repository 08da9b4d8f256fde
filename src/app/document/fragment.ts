import type { Deed } from "../model/deeds.ts";
import type { Level } from "../model/hops.ts";
import { PROBES } from "../model/probe.ts";

/** Whose packets are looked at: those of a deed, or those of a sender between two records of the trace. */
export type MomentStory = { readonly turn: number; readonly hop: number } & (
  | { readonly kind: "deed"; readonly deed: number }
  | {
      readonly kind: "records";
      readonly from: number;
      readonly to: number;
      readonly sender: string;
      readonly program: string | undefined;
    }
);

/** A point of playback: everything that was done in the fresh world, and which hop of which packet. */
export interface Moment {
  readonly deeds: readonly Deed[];
  /** Undefined when the board stood at the present. */
  readonly story: MomentStory | undefined;
  readonly level: Level;
}

/** What the address of the page asks for. */
export interface Fragment {
  readonly source:
    | { readonly kind: "none" }
    | { readonly kind: "share"; readonly payload: string }
    | { readonly kind: "gallery"; readonly id: string };
  /** As `moment.ts` packs it, or what an older link said in the open. */
  readonly moment: string | Moment | undefined;
}

const OLD_LEVELS: readonly Level[] = ["places", "devices", "hooks"];

/** Reads `#s=1.…` or `#g=ID`, either with a moment behind it; what is not understood is nothing. */
export function readFragment(hash: string): Fragment {
  const params = new URLSearchParams(hash.replace(/^#/, ""));
  const payload = params.get("s");
  const id = params.get("g");
  const moment = params.get("m")?.trim() ?? readOldMoment(params);
  if (payload !== null) return { source: { kind: "share", payload: payload.trim() }, moment };
  if (id !== null) return { source: { kind: "gallery", id }, moment };
  return { source: { kind: "none" }, moment };
}

/** The first form of moments: the last question alone. */
function readOldMoment(params: URLSearchParams): Moment | undefined {
  const [from, target] = [params.get("from"), params.get("to")];
  const probe = PROBES.find((name) => name === params.get("probe"));
  if (from === null || target === null || probe === undefined) return undefined;
  const level = OLD_LEVELS.find((name) => name === params.get("level")) ?? "hooks";
  const number = params.get("prepared");
  const deed: Deed =
    number === null
      ? { kind: "ask", from, probe, target, repeat: undefined }
      : { kind: "prepared", number: whole(number) };
  const [turn, hop] = [whole(params.get("turn")), whole(params.get("hop"))];
  return { deeds: [deed], story: { kind: "deed", deed: 0, turn, hop }, level };
}

function whole(text: string | null): number {
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : 0;
}

export function writeFragment({
  source,
  moment,
}: Pick<Fragment, "source"> & { readonly moment: string | undefined }): string {
  const params = new URLSearchParams();
  if (source.kind === "share") params.set("s", source.payload);
  if (source.kind === "gallery") params.set("g", source.id);
  if (moment !== undefined) params.set("m", moment);
  const text = params.toString();
  return text === "" ? "" : `#${text}`;
}
