import { splitPodName } from "../model/cast.ts";
import type { Box } from "../model/layout/scene.ts";
import { type Colours, line, rect, text } from "./svg.ts";

/** Where a packet stands, which spots it has passed, and the namespaces that it goes between. */
export interface Stands {
  readonly here: string | undefined;
  readonly passed: ReadonlySet<string>;
  readonly ends: ReadonlySet<number | undefined>;
}

/** One box of the board. `stands`: where the packet is and has been. */
export function drawBox(box: Box, colours: Colours, stands: Stands, switchWord: string): string {
  switch (box.type) {
    case "room":
      return drawRoom(box, colours);
    case "pod":
      return drawPod(box, colours, stands.ends.has(box.pod.netns));
    case "stack":
      return drawStack(box, colours, stands);
    case "fabric":
      return drawFabric(box, colours, switchWord);
    case "device":
      return drawDevice(box, colours);
    default:
      return "";
  }
}

type BoxOf<T extends Box["type"]> = Extract<Box, { type: T }>;

function drawRoom(box: BoxOf<"room">, colours: Colours): string {
  const { x, y, width, compact, room, address } = box;
  const felt = { fill: colours("--felt"), stroke: colours("--stitch"), dash: "7 5", radius: 16 };
  const name = { size: 17, fill: colours("--ink"), bold: true, room: width - 28 };
  const second = { size: 14, fill: colours("--ink-2"), code: true };
  return [
    rect(box, felt),
    text(x + 16, y + 27, room.name, compact ? { ...name, size: 15 } : { ...name, room: width - 170 }),
    compact
      ? text(x + 16, y + 46, address, second)
      : text(x + width - 16, y + 26, address, { ...second, anchor: "end" }),
    compact
      ? ""
      : text(x + 16, y + 48, room.shelf.join(" · "), {
          size: 13.5,
          fill: colours("--ink-3"),
          room: width - 32,
        }),
  ].join("");
}

function drawPod({ x, y, width, height, pod }: BoxOf<"pod">, colours: Colours, isEnd: boolean): string {
  const { base, suffix } = splitPodName(pod.name);
  const app = pod.containers.find(({ pause }) => !pause);
  const name = suffix === "" ? base : `${base}-${suffix}`;
  const chip = { x: x + 10, y: y + 48, width: Math.min(width - 44, 84), height: 20 };
  return [
    rect(
      { x, y, width, height },
      { fill: colours("--surface"), stroke: colours(isEnd ? "--app" : "--stitch"), dash: "6 4", radius: 12 },
    ),
    text(x + 11, y + 22, name, { size: 14, fill: colours("--ink"), bold: true, room: width - 16 }),
    text(x + 11, y + 41, pod.ip ?? "", {
      size: 13.5,
      fill: colours("--ink-2"),
      code: true,
      room: width - 12,
    }),
    app === undefined
      ? ""
      : rect(chip, { fill: colours("--app-soft"), radius: 5 }) +
        text(chip.x + 7, chip.y + 15, app.name, { size: 13, fill: colours("--app"), room: chip.width - 12 }),
    pod.containers.some(({ pause }) => pause)
      ? `<circle cx="${x + width - 20}" cy="${y + height - 24}" r="7" fill="${colours("--wire-soft")}" stroke="${colours("--wire")}" stroke-width="2"/>` +
        line(
          [
            { x: x + width - 20, y: y + height - 17 },
            { x: x + width - 20, y: y + height - 5 },
          ],
          colours("--wire"),
          2,
        )
      : "",
  ].join("");
}

function drawStack(box: BoxOf<"stack">, colours: Colours, { here, passed }: Stands): string {
  const { x, y, chips, note } = box;
  const tones = { hook: "--ink-2", route: "--l3", socket: "--transport" } as const;
  const fills = { hook: "--felt", route: "--felt", socket: "--transport-soft" } as const;
  const edges = { hook: "--line", route: "--l3", socket: "--transport" } as const;
  return [
    rect(box, { fill: colours("--surface"), stroke: colours("--l3"), radius: 11 }),
    text(x + 14, y + 22, "Linux", { size: 15.5, fill: colours("--l3"), bold: true }),
    ...chips.map((chip) => {
      const area = { ...chip, x: x + chip.x, y: y + chip.y };
      const isHere = chip.spot === here;
      const radius = chip.tone === "hook" ? 8 : chip.height / 2;
      const stroke = colours(isHere ? "--l3" : passed.has(chip.spot) ? "--tunnel" : edges[chip.tone]);
      const look = { fill: colours(isHere ? "--l3" : fills[chip.tone]), stroke, radius, width: 1.5 };
      const words = { size: 14, fill: colours(isHere ? "--on-tone" : tones[chip.tone]), bold: isHere };
      return (
        rect(area, look) +
        text(area.x + chip.width / 2, area.y + chip.height / 2 + 5, chip.label, {
          ...words,
          anchor: "middle",
          room: chip.width - 4,
        })
      );
    }),
    note === undefined
      ? ""
      : text(x + note.x, y + note.y + 5, note.text, { size: 14, fill: colours("--ink-2"), code: true }),
  ].join("");
}

function toneOf({ kind }: { readonly kind: string }, shape: string, isNarrow: boolean): string {
  if (/^(vxlan|ipip|gre|gretap|tun|wireguard)$/.test(kind)) return "tunnel";
  return shape === "pill" && kind === "veth" && !isNarrow ? "wire" : "l2";
}

function drawDevice(
  { x, y, width, height, device, shape, caption }: BoxOf<"device">,
  colours: Colours,
): string {
  const { name, up } = device.link;
  if (shape === "label")
    return text(x, y + height / 2 + 4, name, { size: 12.5, fill: colours("--ink-2"), code: true });
  const isNarrow = width < 80;
  const tone = toneOf(device.link, shape, isNarrow);
  const middle = y + height / 2 + 5;
  const words = {
    size: isNarrow ? 14 : 15.5,
    fill: colours(shape === "bar" || tone === "wire" ? "--ink" : `--${tone}`),
    bold: true,
  };
  const area = { x, y, width, height };
  const edge = {
    fill: colours(`--${tone}-soft`),
    stroke: colours(`--${tone}`),
    radius: shape === "bar" || tone === "wire" ? 11 : height / 2,
    ...(up ? {} : { dash: "2 4" }),
  };
  if (shape !== "bar")
    return (
      rect(area, edge) + text(x + width / 2, middle, name, { ...words, anchor: "middle", room: width - 6 })
    );
  const port = { x: x + width / 2 - 26, y: y + height - 11, width: 52, height: 22 };
  return [
    rect(area, edge),
    text(x + 14, middle, name, { ...words, room: width / 2 - 44 }),
    width > 190
      ? text(x + width - 14, middle, caption, {
          size: 14.5,
          fill: colours("--ink-2"),
          code: true,
          anchor: "end",
        })
      : "",
    rect(port, { ...edge, radius: 11 }),
    text(port.x + 26, port.y + 16, "host", { size: 13.5, fill: colours("--l2"), anchor: "middle" }),
  ].join("");
}

function drawFabric(
  { x, y, width, height, fabric }: BoxOf<"fabric">,
  colours: Colours,
  word: string,
): string {
  const middle = y + height / 2 + 5;
  return [
    rect({ x, y, width, height }, { fill: colours("--wire-soft"), stroke: colours("--wire"), radius: 10 }),
    text(x + 16, middle, `${word} ${fabric.bridge.link.name}`, {
      size: 15.5,
      fill: colours("--ink"),
      bold: true,
    }),
    text(x + width - 16, middle, fabric.bridge.addresses[0] ?? "", {
      size: 13.5,
      fill: colours("--ink-2"),
      code: true,
      anchor: "end",
    }),
  ].join("");
}
