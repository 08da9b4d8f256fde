import { formatIpv4, formatMac, type Ipv4, type Mac } from "../../../wire/address.ts";
import type { Layer } from "../../../wire/dissect.ts";
import { dissect } from "../../../wire/dissect.ts";
import type { HookRecord, NeighRecord, RouteRecord } from "../../../trace/record.ts";
import type { Cast } from "../cast.ts";
import { linkTypeOf } from "../link-type.ts";
import { addressIn, isIpv6 } from "../packet-ends.ts";
import { bytesAt, bytesBefore, type Step } from "../steps.ts";
import type { Question } from "../tables.ts";
import { isPlugged } from "../topology.ts";
import type { WorldState } from "../world.ts";

/** What an explanation may look at: the step, the world as it stands behind it, and who is who. */
export interface Context {
  readonly step: Step;
  readonly world: WorldState;
  readonly cast: Cast;
  /** First record that counts as new. */
  readonly since: number;
}

export const ip = (value: number): string => formatIpv4(value as Ipv4);

/** Where a lookup was for, from where, and by way of whom, in either IP. */
export function routeEnds({ ip6, dst, src, nexthop }: RouteRecord): {
  readonly dst: string;
  readonly src: string;
  readonly nexthop: string;
} {
  return ip6 ?? { dst: ip(dst), src: src === 0 ? "" : ip(src), nexthop: nexthop === 0 ? "" : ip(nexthop) };
}

/** The address whose neighbour was looked up. */
export function neighbourOf({ ip6, address }: NeighRecord): string {
  return ip6 ?? ip(address);
}
export const mac = (value: number): string => formatMac(value as Mac);

export function question({ world, cast, step, since }: Context, used?: string): Question {
  return { world, cast, netns: step.netns, since, used };
}

export function placeName({ cast, step }: Context): string {
  return cast.name(step.netns);
}

/** Headers of the frame at hand. */
export function layersOf(step: Step): readonly Layer[] {
  return step.frame === undefined ? [] : dissect(bytesAt(step), linkTypeOf(step.frame));
}

/** Headers as they were a step ago. */
export function layersBefore(step: Step): readonly Layer[] {
  const bytes = bytesBefore(step);
  return bytes === undefined || step.before === undefined
    ? layersOf(step)
    : dissect(bytes, linkTypeOf(step.before));
}

export function fieldOf(layers: readonly Layer[], name: string, depth = 0): string | undefined {
  for (const layer of layers)
    if (layer.depth === depth) for (const field of layer.fields) if (field.name === name) return field.value;
  return undefined;
}

/** The tool for the rules that a packet meets at a hook: the bridge lends it to those of its own IP. */
export function tablesTool(c: Context, { family }: HookRecord): "iptables" | "ip6tables" {
  const isSix = family === "bridge" ? isIpv6(layersOf(c.step)) : family === "ip6";
  return isSix ? "ip6tables" : "iptables";
}

/** Addresses of the packet that the stack is handling: the outermost one. */
export function packetOf(step: Step): { readonly src: string; readonly dst: string } {
  const layers = layersOf(step);
  return { src: addressIn(layers, "src") ?? "?", dst: addressIn(layers, "dst") ?? "?" };
}

/** A command as one types it to reach the place where it must run. */
export function commandAt(c: Context, netns: number, command: string): string {
  const { cast, world } = c;
  const place = cast.place(netns);
  if (place === undefined || place.label === "") return command;
  if (place.kind === "pod") {
    // Images have neither iptables nor tcpdump, and no right to use them: the node's tools look in from outside.
    const path = world.rows("sandbox", netns)[0]?.row.netnsPath ?? "";
    const room = cast.roomOf(netns);
    if (path !== "" && room !== undefined)
      return commandAt(c, room.netns, `nsenter --net=${path} ${command}`);
    const [, namespace, pod] = place.label.split(".");
    if (namespace !== undefined && pod !== undefined) {
      const other = namespace === "default" ? "" : ` -n ${namespace}`;
      return `kubectl exec${other} ${pod} -- ${command}`;
    }
  }
  // One goes to a machine over the network, not through a namespace of one's own.
  if (place.kind === "room" && isPlugged(world, netns)) return `ssh ${place.label} ${command}`;
  if (place.kind === "room" && place.room.shelf.length > 0) return `docker exec ${place.label} ${command}`;
  return withinRoom(cast, place, command);
}

/** A container of a Docker host, or a namespace that somebody has made: on the machine where it hangs. */
function withinRoom(cast: Cast, { netns, label }: { netns: number; label: string }, command: string): string {
  const room = cast.roomOf(netns);
  const within = room === undefined || room.netns === netns ? "" : room.label;
  const enter =
    within !== "" && label.startsWith(`${within}.`)
      ? `docker exec ${label.slice(within.length + 1)} ${command}`
      : `ip netns exec ${label} ${command}`;
  return within === "" ? enter : `ssh ${within} ${enter}`;
}
