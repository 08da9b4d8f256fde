import type { Cast } from "../model/cast.ts";
import type { CapturePoint } from "../model/capture/frames.ts";
import type { WorldState } from "../model/world.ts";

/** An interface that can be captured on. */
export interface Interface extends CapturePoint {
  /** `eth0`. */
  readonly device: string;
  /** What people call the place. */
  readonly place: string;
  /** `kind-worker.default.frontend-x/eth0`: the name in a capture file. */
  readonly name: string;
}

/** All interfaces of the world as it stands, place by place. */
export function interfacesOf(world: WorldState, cast: Cast): readonly Interface[] {
  const labels = new Map(world.everywhere("netns").map(({ netns, row }) => [netns, row.label]));
  return world
    .everywhere("link")
    .map(({ netns, row }): Interface => {
      const label = labels.get(netns) ?? "";
      const place = cast.place(netns) === undefined && label !== "" ? label : cast.name(netns);
      return {
        netns,
        dev: row.index,
        device: row.name,
        place,
        name: `${label === "" ? "host" : label}/${row.name}`,
      };
    })
    .toSorted((a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : a.dev - b.dev));
}
