import type { Level } from "../model/hops.ts";
import { PROBES, type Probe } from "../model/probe.ts";

/** A point in a packet's walk: what is sent in the fresh world, and how far it has come. */
export interface Moment {
  /** Label of the namespace that sends. */
  readonly from: string;
  readonly probe: Probe;
  readonly target: string;
  /** Number of the scenario's own question, which then counts instead of probe and target. */
  readonly prepared?: number;
  readonly turn: number;
  readonly hop: number;
  readonly level: Level;
}

/** What the address of the page asks for. */
export interface Fragment {
  readonly source:
    | { readonly kind: "none" }
    | { readonly kind: "share"; readonly payload: string }
    | { readonly kind: "gallery"; readonly id: string };
  readonly moment: Moment | undefined;
}

const LEVELS: readonly Level[] = ["places", "devices", "hooks"];

/** Reads `#s=1.…` or `#g=ID`, either with a moment behind it; what is not understood is nothing. */
export function readFragment(hash: string): Fragment {
  const params = new URLSearchParams(hash.replace(/^#/, ""));
  const payload = params.get("s");
  const id = params.get("g");
  const moment = readMoment(params);
  if (payload !== null) return { source: { kind: "share", payload: payload.trim() }, moment };
  if (id !== null) return { source: { kind: "gallery", id }, moment };
  return { source: { kind: "none" }, moment };
}

function readMoment(params: URLSearchParams): Moment | undefined {
  const [from, target] = [params.get("from"), params.get("to")];
  const probe = PROBES.find((name) => name === params.get("probe"));
  if (from === null || target === null || probe === undefined) return undefined;
  const level = LEVELS.find((name) => name === params.get("level")) ?? "hooks";
  const prepared = params.get("prepared");
  return {
    from,
    probe,
    target,
    ...(prepared !== null && { prepared: whole(prepared) }),
    turn: whole(params.get("turn")),
    hop: whole(params.get("hop")),
    level,
  };
}

function whole(text: string | null): number {
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : 0;
}

export function writeFragment(fragment: Fragment): string {
  const { source, moment } = fragment;
  const params = new URLSearchParams();
  if (source.kind === "share") params.set("s", source.payload);
  if (source.kind === "gallery") params.set("g", source.id);
  if (moment !== undefined) {
    params.set("from", moment.from);
    params.set("probe", moment.probe);
    params.set("to", moment.target);
    if (moment.prepared !== undefined) params.set("prepared", String(moment.prepared));
    params.set("turn", String(moment.turn));
    params.set("hop", String(moment.hop));
    params.set("level", moment.level);
  }
  const text = params.toString();
  return text === "" ? "" : `#${text}`;
}
