import type { Action } from "../../protocol/messages.ts";
import { matchPlace, probeAction } from "../../scenario/probes.ts";
import type { PreparedProbe } from "../../scenario/story.ts";
import type { AddressRow } from "../../trace/rows.ts";
import type { WorldState } from "./world.ts";

/** The program whose packets tell the story; of a command line, whatever the place sends. */
const PROGRAMS: Readonly<Record<PreparedProbe["kind"], string | undefined>> = {
  ping: "ping",
  udp: "nc",
  tcp: "nc",
  http: "curl",
  dns: "nslookup",
  traceroute: "traceroute",
  shell: undefined,
};

/** Namespaces, the newest first. */
const placesOf = (world: WorldState) => world.everywhere("netns").toSorted((a, b) => b.netns - a.netns);

/** The first address of a place that is not only its own. */
function addressAt(world: WorldState, place: string): string | undefined {
  const netns = placesOf(world).find(({ row }) => row.label === place)?.netns;
  if (netns === undefined) return undefined;
  const isGlobal = ({ scope, local }: AddressRow): boolean => scope === 0 && !local.includes(":");
  return world.rows("address", netns).find(({ row }) => isGlobal(row))?.row.local;
}

/** The namespace that a prepared question is asked from; undefined when it is not there. */
export function preparedFrom(world: WorldState, { from }: PreparedProbe): number | undefined {
  const places = placesOf(world);
  const at = matchPlace(
    from,
    places.map(({ row }) => row.label),
  );
  return places.find(({ row }) => row.label === at)?.netns;
}

/** What has to be done in the world for a prepared question. */
export function preparedAction(
  world: WorldState,
  probe: PreparedProbe,
): { readonly action: Action; readonly program: string | undefined } | undefined {
  const asked = probeAction(probe, {
    places: placesOf(world).map(({ row }) => row.label),
    addressOf: (place) => addressAt(world, place),
  });
  return asked && { action: { kind: "shell", ...asked }, program: PROGRAMS[probe.kind] };
}
