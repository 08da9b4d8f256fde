import type { Device, Floor, Pod, Room } from "../topology.ts";
import type { Box, Cable, Chip, Note } from "./scene.ts";
import { spot } from "./scene.ts";
import type { Point, Wires } from "./wires.ts";

import {
  BAR,
  CHIP,
  columnsOf,
  floorWidth,
  FORWARD,
  INWARD,
  type Levels,
  NIC,
  OUTWARD,
  PAD,
  PLUG,
  POD,
  podWidthOf,
  RAIL,
  roomWidth,
  spread,
  STUB,
  TICKET,
} from "./measures.ts";

/** Index of `lo`, which is not drawn. */
const LOOPBACK = 1;

/** What a room adds to the scene, placed with its left edge at `x` and its top at 0. */
export interface RoomPlan {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly cables: readonly Cable[];
}

/** Draws one room. `open` shows the stack's hooks, else only the devices. */
export function planRoom(room: Room, x: number, levels: Levels, open: boolean, wires: Wires): RoomPlan {
  const builder = new RoomBuilder(room, x, levels, open, wires);
  return builder.build();
}

class RoomBuilder {
  private readonly boxes: Box[] = [];
  private readonly cables: Cable[] = [];
  /** Ends of the ways beside the stack, and the devices that they lead to. */
  private readonly rides: (readonly [string, string])[] = [];
  private readonly room: Room;
  private readonly x: number;
  private readonly levels: Levels;
  private readonly open: boolean;
  private readonly wires: Wires;
  private readonly width: number;

  constructor(room: Room, x: number, levels: Levels, open: boolean, wires: Wires) {
    this.room = room;
    this.x = x;
    this.levels = levels;
    this.open = open;
    this.wires = wires;
    this.width = roomWidth(room, open);
  }

  build(): RoomPlan {
    const { room, x, width, levels } = this;
    const address = room.nics[0]?.addresses[0]?.split("/")[0] ?? "";
    this.boxes.push({
      id: `room/${room.netns}`,
      type: "room",
      x,
      y: 0,
      width,
      height: levels.bottom,
      room,
      address,
      compact: !this.open,
    });
    this.rails();
    this.stack();
    let left = x + PAD;
    const total = room.floors.reduce((sum, floor) => sum + floorWidth(floor, this.open) + POD.gap, -POD.gap);
    const stretch = room.floors.length === 0 ? 0 : (width - 2 * PAD - total) / room.floors.length;
    for (const floor of room.floors) {
      const w = floorWidth(floor, this.open) + stretch;
      this.floor(floor, left, w);
      left += w + POD.gap;
    }
    const { netns } = room;
    this.wires.put(spot.device(netns, LOOPBACK), x + width / 2, levels.lane3);
    this.wires.join(spot.device(netns, LOOPBACK), this.id("3/middle"));
    this.nics();
    if (this.open && room.tracks) this.ticket();
    this.moreCables();
    return { width, height: levels.bottom, boxes: this.boxes, cables: this.cables };
  }

  private id(name: string): string {
    return `${name}@${this.room.netns}`;
  }

  private get left(): number {
    return this.x + PAD + 9;
  }

  private get right(): number {
    return this.x + this.width - PAD - 9;
  }

  /** Upright wires at both sides of the stack, and the lanes under its rows of hooks. */
  private rails(): void {
    const { levels, wires } = this;
    const top = levels.stackTop - RAIL;
    for (const [side, x] of [
      ["left", this.left],
      ["right", this.right],
    ] as const) {
      wires.put(this.id(`${side}/top`), x, top);
      wires.put(this.id(`${side}/1`), x, levels.lane1);
      wires.put(this.id(`${side}/2`), x, levels.lane2);
      wires.put(this.id(`${side}/3`), x, levels.lane3);
      wires.join(...["top", "1", "2", "3"].map((name) => this.id(`${side}/${name}`)));
    }
  }

  private stack(): void {
    const { room, levels } = this;
    const x = this.x + PAD;
    const width = this.width - 2 * PAD;
    const y = levels.stackTop;
    const chips: Chip[] = this.open ? [...this.forwardRow(width), ...this.localRow(width)] : [];
    if (!this.open) this.closedStack();
    const note = this.tunnels(chips, x, width);
    this.boxes.push({
      id: `stack/${room.netns}`,
      type: "stack",
      room,
      chips,
      note,
      x,
      y,
      width,
      height: levels.stackBottom - y,
    });
  }

  /** Spots of a room whose hooks are not drawn: all in the middle of the stack. */
  private closedStack(): void {
    const { netns } = this.room;
    const middle = this.x + this.width / 2;
    this.wires.put(spot.app(netns), middle, this.levels.lane2);
    this.wires.join(this.id("left/2"), spot.app(netns), this.id("right/2"));
    this.wires.put(this.id("3/middle"), middle, this.levels.lane3);
    this.wires.join(this.id("left/3"), this.id("3/middle"), this.id("right/3"));
  }

  private forwardRow(width: number): Chip[] {
    const { netns, forwards } = this.room;
    if (!forwards) return [];
    const chips = spread(FORWARD, 18, width - 36);
    const lane = chips.map(({ label, x, width: w }) => {
      const id = spot.hook(netns, "forward", label);
      return this.wires.put(id, this.x + PAD + x + w / 2, this.levels.lane1);
    });
    this.wires.join(this.id("left/1"), ...lane, this.id("right/1"));
    return chips.map((c) => this.chip(c, "forward", this.levels.stackTop + 34));
  }

  private localRow(width: number): Chip[] {
    const { netns } = this.room;
    const half = width / 2 - 18 - 10;
    const out = spread(OUTWARD, 18, half);
    const inward = spread(INWARD, width / 2 + 10, half);
    const ids: string[] = [];
    for (const { label, x, width: w } of out)
      ids.push(this.wires.put(spot.hook(netns, "local", label), this.x + PAD + x + w / 2, this.levels.lane3));
    ids.push(this.wires.put(this.id("3/middle"), this.x + this.width / 2, this.levels.lane3));
    for (const { label, x, width: w } of inward) {
      if (label === "INPUT")
        ids.push(this.wires.put(spot.hook(netns, "local", "route"), this.x + PAD + x - 7, this.levels.lane3));
      ids.push(this.wires.put(spot.hook(netns, "local", label), this.x + PAD + x + w / 2, this.levels.lane3));
    }
    this.wires.join(this.id("left/3"), ...ids, this.id("right/3"));
    this.wires.put(spot.app(netns), this.x + this.width / 2, this.levels.lane2);
    if (this.room.tunnels.length === 0)
      this.wires.join(this.id("left/2"), spot.app(netns), this.id("right/2"));
    return [...out, ...inward].map((c) => this.chip(c, "local", this.levels.localTop));
  }

  private chip(c: { label: string; x: number; width: number }, pass: string, y: number): Chip {
    const { label, x, width } = c;
    const id = spot.hook(this.room.netns, pass, label);
    const tone = label === "route" ? "route" : "hook";
    return { spot: id, label, tone, x, y: y - this.levels.stackTop, width, height: CHIP };
  }

  /** Tunnel devices at the left of the second row, the tunnel's socket at its right. */
  private tunnels(chips: Chip[], x: number, width: number): Note | undefined {
    const { room, levels, wires } = this;
    const ids: string[] = [];
    let left = x + (this.open ? 18 : 24);
    for (const device of room.tunnels) {
      const w = Math.max(104, device.link.name.length * 9 + 32);
      const wide = this.open ? w : width - 48;
      this.device(device, "pill", left, levels.tunnelTop, wide, 34);
      ids.push(wires.put(spot.device(room.netns, device.link.index), left + wide / 2, levels.lane2));
      left += wide + 12;
    }
    const port = room.tunnels[0]?.link.vxlan?.dstPort;
    if (port === undefined || !this.open) {
      if (ids.length > 0)
        wires.join(
          this.id("left/2"),
          ...ids,
          ...(this.open ? [spot.app(room.netns)] : []),
          this.id("right/2"),
        );
      return undefined;
    }
    const chip = { x: width - 18 - 96, width: 96 };
    chips.push({
      spot: spot.socket(room.netns),
      label: `UDP ${port}`,
      tone: "socket",
      ...chip,
      y: levels.tunnelTop + 3 - levels.stackTop,
      height: CHIP,
    });
    ids.push(spot.app(room.netns));
    ids.push(wires.put(spot.socket(room.netns), x + chip.x + chip.width / 2, levels.lane2));
    wires.join(this.id("left/2"), ...ids, this.id("right/2"));
    const address = room.tunnels[0]?.addresses[0];
    if (address === undefined || room.tunnels.length > 1) return undefined;
    return { x: left - x, y: levels.tunnelTop + 17 - levels.stackTop, text: address };
  }

  private floor(floor: Floor, left: number, width: number): void {
    const { bridge } = floor;
    const { levels, wires, room } = this;
    const barId = `bar/${bridge?.link.index ?? 0}`;
    const top = levels.stackTop - RAIL;
    const hostX = left + width / 2;
    wires.put(this.id(`${barId}/exit`), hostX, top);
    wires.join(this.id("left/top"), this.id(`${barId}/exit`), this.id("right/top"));
    if (bridge !== undefined) {
      this.device(bridge, "bar", left, levels.barTop, width, BAR);
      const host = spot.device(room.netns, bridge.link.index);
      wires.put(host, hostX, levels.barTop + BAR);
      wires.join(host, this.id(`${barId}/exit`));
      this.cable("stack", [
        { x: hostX, y: levels.barTop + BAR },
        { x: hostX, y: levels.stackTop },
      ]);
    }
    this.pods(floor, left, width, barId);
  }

  private pods(floor: Floor, left: number, width: number, barId: string): void {
    const { levels, wires, room } = this;
    const columns = columnsOf(floor);
    const podWidth = podWidthOf(floor, this.open);
    const used = columns * (podWidth + POD.gap) - POD.gap;
    const start = left + Math.max(0, (width - used) / 2);
    const crossings: { id: string; x: number }[] = [];
    const barY = floor.bridge === undefined ? levels.stackTop - RAIL : levels.barTop + 9;
    floor.pods.forEach((pod, i) => {
      const row = Math.floor(i / columns);
      const x = start + (i % columns) * (podWidth + POD.gap);
      const y = levels.podsTop + row * (POD.height + PLUG.height);
      const plugX = x + 38;
      this.podBox(pod, { x, y, width: podWidth }, plugX);
      const isLast = row === levels.podRows - 1 || i + columns >= floor.pods.length;
      this.plugMore(pod, plugX, y + POD.height);
      const cable = this.podCable(
        plugX,
        x + podWidth + POD.gap / 2,
        y + POD.height + PLUG.height / 2,
        barY,
        isLast,
      );
      if (pod.rides) {
        this.ride(pod, { x: plugX, y }, i);
        return;
      }
      const end = cable.at(-1)!;
      // Without a bridge the cable goes into the stack itself.
      const into = floor.bridge === undefined ? [{ x: end.x, y: levels.stackTop }] : [];
      this.cable("veth", [...cable, ...into]);
      this.podWires(pod.netns, pod.uplink.link.index, pod.host.index, { x: plugX, y }, cable);
      const id = wires.put(this.id(`${barId}/${pod.host.index}`), end.x, barY);
      wires.join(spot.device(room.netns, pod.host.index), id);
      crossings.push({ id, x: end.x });
      this.vethLabel(pod.host.index, end.x, isLast);
    });
    const hostX = left + width / 2;
    crossings.push({ id: wires.put(this.id(`${barId}/middle`), hostX, barY), x: hostX });
    crossings.sort((a, b) => a.x - b.x);
    wires.join(...crossings.map(({ id }) => id));
    const exit =
      floor.bridge === undefined
        ? this.id(`${barId}/exit`)
        : spot.device(room.netns, floor.bridge.link.index);
    wires.join(this.id(`${barId}/middle`), exit);
  }

  private podBox(pod: Pod, at: Point & { readonly width: number }, plugX: number): void {
    this.boxes.push({ id: `pod/${pod.netns}`, type: "pod", pod, ...at, height: POD.height });
    const y = at.y + POD.height - PLUG.height / 2;
    this.device(pod.uplink, "pill", plugX - PLUG.width / 2, y, PLUG.width, PLUG.height, pod.name);
  }

  /** Devices beyond the first, beside it on the pod's edge. */
  private plugMore(pod: Pod, plugX: number, y: number): void {
    pod.more.forEach(({ uplink }, i) => {
      const x = plugX + (PLUG.width + 4) * (i + 1);
      this.device(uplink, "pill", x - PLUG.width / 2, y - PLUG.height / 2, PLUG.width, PLUG.height, pod.name);
      const at = this.wires.put(spot.device(pod.netns, uplink.link.index), x, y);
      this.wires.join(spot.stack(pod.netns), at);
    });
  }

  /** Cables of further devices, to whichever bridge they are plugged into. */
  private moreCables(): void {
    const { room, levels, wires } = this;
    let depth = 0;
    for (const pod of room.floors.flatMap(({ pods }) => pods))
      for (const { uplink, host, rides } of pod.more) {
        const plug = spot.device(pod.netns, uplink.link.index);
        const from = wires.at(plug);
        if (from !== undefined && rides) {
          wires.join(this.besideStack(plug, from, depth++), spot.device(room.netns, host.index));
          continue;
        }
        const master = this.vethDevice(host.index)?.link.master;
        const bar = this.boxes.find(({ id }) => id === spot.device(room.netns, master ?? 0));
        if (from === undefined) continue;
        const y = levels.barTop - 12 - 5 * depth++;
        const inBar =
          bar === undefined ? from.x : Math.min(Math.max(from.x, bar.x + 20), bar.x + bar.width - 20);
        const end = { x: inBar, y: bar === undefined ? levels.stackTop - RAIL : levels.barTop };
        this.cable("veth", [
          { x: from.x, y: from.y + PLUG.height / 2 },
          { x: from.x, y },
          { x: end.x, y },
          end,
        ]);
        const far = wires.put(spot.device(room.netns, host.index), end.x, y);
        const bend = wires.put(`bend/${pod.netns}/${uplink.link.index}`, from.x, y);
        const floor = this.id(`bar/${master ?? 0}/middle`);
        wires.join(plug, bend, far);
        wires.join(far, floor);
      }
  }

  /** A macvlan or ipvlan has no cable: its frames pass the host's stack by, along the room's edge, to the device below. */
  private ride(pod: Pod, at: Point, lane: number): void {
    const { wires, room } = this;
    const up = spot.device(pod.netns, pod.uplink.link.index);
    wires.put(spot.app(pod.netns), at.x, at.y + 60);
    wires.put(spot.stack(pod.netns), at.x, at.y + 74);
    wires.put(up, at.x, at.y + POD.height);
    this.podLoopback(pod.netns, at);
    wires.join(spot.app(pod.netns), spot.stack(pod.netns), up);
    const end = this.besideStack(up, { x: at.x, y: at.y + POD.height }, lane);
    this.rides.push([end, spot.device(room.netns, pod.host.index)]);
  }

  /** From a plug along the room's edge to the height of its NICs; answers the last bend. */
  private besideStack(plug: string, at: Point, lane: number): string {
    const { levels, wires } = this;
    const edge = this.x + this.width - 5 - (lane % 3) * 2;
    const y = levels.podsTop + levels.podRows * (POD.height + PLUG.height) + (lane % 4) * 4;
    const nicY = levels.nicTop + NIC.height / 2;
    const end = wires.put(`ride/${plug}/c`, edge, nicY);
    wires.join(plug, wires.put(`ride/${plug}/a`, at.x, y), wires.put(`ride/${plug}/b`, edge, y), end);
    this.cable("veth", [
      { x: at.x, y: at.y + PLUG.height / 2 },
      { x: at.x, y },
      { x: edge, y },
      { x: edge, y: nicY },
      { x: this.x + this.width - PAD, y: nicY },
    ]);
    return end;
  }

  /** Straight down, or for upper rows through the gap beside the pods below. */
  private podCable(x: number, gapX: number, y: number, barY: number, isLast: boolean): readonly Point[] {
    const end = barY - 9;
    if (isLast)
      return [
        { x, y },
        { x, y: end },
      ];
    return [
      { x, y },
      { x, y: y + 4 },
      { x: gapX, y: y + 4 },
      { x: gapX, y: end },
    ];
  }

  private podWires(netns: number, uplink: number, host: number, pod: Point, cable: readonly Point[]): void {
    const { wires, room, levels } = this;
    wires.put(spot.app(netns), pod.x, pod.y + 60);
    wires.put(spot.stack(netns), pod.x, pod.y + 74);
    wires.put(spot.device(netns, uplink), pod.x, pod.y + POD.height);
    const far = spot.device(room.netns, host);
    const end = cable.at(-1)!;
    wires.put(far, end.x, Math.min(end.y, levels.barTop - STUB / 2 + 4));
    const bends = cable.slice(1, -1).map((p, i) => wires.put(`bend/${netns}/${i}`, p.x, p.y));
    this.podLoopback(netns, pod);
    wires.join(spot.app(netns), spot.stack(netns), spot.device(netns, uplink), ...bends, far);
  }

  private podLoopback(netns: number, pod: Point): void {
    this.wires.put(spot.device(netns, LOOPBACK), pod.x + 24, pod.y + 74);
    this.wires.join(spot.stack(netns), spot.device(netns, LOOPBACK));
  }

  private vethLabel(index: number, x: number, isLast: boolean): void {
    const device = this.room.floors.length === 0 ? undefined : this.vethDevice(index);
    if (device === undefined || !isLast) return;
    this.device(device, "label", x + 7, this.levels.barTop - STUB + 15, 92, 20);
  }

  private vethDevice(index: number): Device | undefined {
    return this.room.cables.find(({ link }) => link.index === index);
  }

  private nics(): void {
    const { room, levels, wires } = this;
    const total = room.nics.length * (NIC.width + NIC.gap) - NIC.gap;
    // The ticket stands at the left of the NICs.
    let left =
      this.open && room.tracks ? this.x + this.width - PAD - total : this.x + (this.width - total) / 2;
    const crossings: { id: string; x: number }[] = [{ id: this.id("3/middle"), x: this.x + this.width / 2 }];
    for (const device of room.nics) {
      this.device(device, "pill", left, levels.nicTop, NIC.width, NIC.height);
      const x = left + NIC.width / 2;
      const here = wires.put(spot.device(room.netns, device.link.index), x, levels.nicTop + NIC.height / 2);
      const up = wires.put(this.id(`nic/${device.link.index}`), x, levels.lane3);
      wires.join(here, up);
      crossings.push({ id: up, x });
      this.cable("stack", [
        { x, y: levels.stackBottom },
        { x, y: levels.nicTop },
      ]);
      left += NIC.width + NIC.gap;
    }
    crossings.sort((a, b) => a.x - b.x);
    wires.join(...crossings.map(({ id }) => id));
    for (const [bend, below] of this.rides) wires.join(bend, below);
  }

  private ticket(): void {
    const { room, levels, x } = this;
    const at = { x: x + PAD, y: levels.nicTop, ...TICKET };
    this.boxes.push({ id: `ticket/${room.netns}`, type: "ticket", room, ...at });
  }

  private device(
    device: Device,
    shape: "pill" | "bar" | "label",
    x: number,
    y: number,
    width: number,
    height: number,
    place = this.room.name,
  ): void {
    const caption = device.addresses[0] ?? "";
    const id = spot.device(device.netns, device.link.index);
    this.boxes.push({ id, type: "device", device, shape, place, caption, x, y, width, height });
  }

  private cable(kind: Cable["kind"], points: readonly Point[]): void {
    this.cables.push({ id: `cable/${this.room.netns}/${this.cables.length}`, kind, points });
  }
}
