import type { Device, Fabric, Pod, Room } from "../topology.ts";
import type { District } from "./districts.ts";
import type { Point, Wires } from "./wires.ts";

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A hook, a routing decision or a socket inside a stack; its rectangle is relative to the stack. */
export interface Chip extends Rect {
  readonly spot: string;
  readonly label: string;
  readonly tone: "hook" | "route" | "socket";
}

/** How a device is drawn: a pill, a bar that others plug into, or a name beside a cable. */
export type DeviceShape = "pill" | "bar" | "label";

/** One thing on the board, with all that is needed to draw it. */
export type Box = Rect & { readonly id: string } & (
    | { readonly type: "room"; readonly room: Room; readonly address: string; readonly compact: boolean }
    | { readonly type: "pod"; readonly pod: Pod }
    | {
        readonly type: "stack";
        readonly room: Room;
        readonly chips: readonly Chip[];
        readonly note: Note | undefined;
      }
    | {
        readonly type: "device";
        readonly device: Device;
        readonly shape: DeviceShape;
        readonly place: string;
        readonly caption: string;
      }
    | { readonly type: "fabric"; readonly fabric: Fabric }
    /** Where the flow that a room's conntrack knows is written down. */
    | { readonly type: "ticket"; readonly room: Room }
  );

/** An address beside a tunnel device; relative to the stack. */
export interface Note {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

export interface Cable {
  readonly id: string;
  readonly kind: "veth" | "stack" | "wire";
  readonly points: readonly Point[];
}

/** Two tunnel ends that know of each other: an idea beside the real way. */
export interface Arc {
  readonly id: string;
  readonly from: Point;
  readonly to: Point;
  readonly fromNetns: number;
  readonly toNetns: number;
  readonly vni: number;
}

/** Everything drawn, and the ways on which tokens move. Computed from the kernel's devices alone. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly cables: readonly Cable[];
  readonly arcs: readonly Arc[];
  readonly wires: Wires;
  /** Of a board with many rooms: all of them as they look from afar. */
  readonly far: Far | undefined;
  /** Somebody has put the boxes where they are. */
  readonly isFree: boolean;
}

/** What is drawn of a large board where nobody looks closely. */
export interface Far {
  readonly districts: readonly District[];
  /** Rooms whose inside is among the scene's boxes. */
  readonly detailed: ReadonlySet<number>;
  readonly switches: readonly (Rect & { readonly name: string })[];
  /** The part with the rooms of a packet, when these stand by themselves and the others aside. */
  readonly focus: Rect | undefined;
  /** Where cables run between the rooms. */
  readonly lines: readonly (readonly Point[])[];
}

/** Names of the points at which a token can stand. */
export const spot = {
  app: (netns: number): string => `app/${netns}`,
  stack: (netns: number): string => `stack/${netns}`,
  device: (netns: number, index: number): string => `dev/${netns}/${index}`,
  hook: (netns: number, pass: string, hook: string): string => `hook/${netns}/${pass}/${hook}`,
  socket: (netns: number): string => `socket/${netns}`,
};

/** What a box stands for: a device, or a namespace as a whole. */
export function selectionOf(box: Box): { readonly netns: number; readonly index: number } {
  if (box.type === "pod") return { netns: box.pod.netns, index: 0 };
  if (box.type === "fabric") return { netns: box.fabric.netns, index: box.fabric.bridge.link.index };
  if (box.type === "device") return { netns: box.device.netns, index: box.device.link.index };
  return { netns: box.room.netns, index: 0 };
}
