import type { Cast } from "../model/cast.ts";

/** A place where a shell can be opened. */
export interface TerminalPlace {
  /** Label of the namespace; "" is the first machine. */
  readonly at: string;
  readonly name: string;
  readonly kind: "machine" | "room" | "pod";
}

/** All places, the first machine first, then machines and nodes each with its pods. */
export function placesOf(cast: Cast): readonly TerminalPlace[] {
  const places: TerminalPlace[] = [{ at: "", name: "", kind: "machine" }];
  for (const room of cast.topology.rooms) {
    if (room.label !== "") places.push({ at: room.label, name: room.name, kind: "room" });
    for (const { pods } of room.floors)
      for (const pod of pods)
        if (pod.label !== "") places.push({ at: pod.label, name: cast.name(pod.netns), kind: "pod" });
  }
  return places;
}

/** The place of a namespace; a switch is a bridge of the first machine. */
export function placeAt(cast: Cast, netns: number): string {
  return cast.place(netns)?.label ?? "";
}
