import { splitPodName } from "../model/cast.ts";
import type { Box, Cable, Scene } from "../model/layout/scene.ts";
import { type Point, straighten } from "../model/layout/wires.ts";
import type { Story } from "../model/story.ts";

/** Looks up a colour of the page: `--felt`. */
export type Colours = (name: string) => string;

/** Board units of cloth around what is drawn. */
const MARGIN = 24;
/** Room above for the title. */
const HEAD = 56;
const TEXT = "Inter, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";
const CODE = "'JetBrains Mono', Consolas, 'DejaVu Sans Mono', monospace";

export interface Drawing {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** Whatever a name holds, it stays text: nothing of it is markup. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"'\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, (char) => {
    const names: Readonly<Record<string, string>> = {
      "&": "amp",
      "<": "lt",
      ">": "gt",
      '"': "quot",
      "'": "apos",
    };
    const name = names[char];
    return name === undefined ? "" : `&${name};`;
  });
}

interface Style {
  readonly fill?: string;
  readonly stroke?: string;
  readonly dash?: string;
  readonly radius?: number;
  readonly width?: number;
}

function rect(
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
  style: Style,
): string {
  const { fill = "none", stroke = "none", dash, radius = 0, width: line = 2 } = style;
  const dashed = dash === undefined ? "" : ` stroke-dasharray="${dash}"`;
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" fill="${fill}" stroke="${stroke}" stroke-width="${line}"${dashed}/>`;
}

interface Lettering {
  readonly size: number;
  readonly fill: string;
  readonly bold?: boolean;
  readonly code?: boolean;
  readonly anchor?: "start" | "middle" | "end";
  /** Board units that there are; longer text is cut. */
  readonly room?: number;
}

/** The width of a letter against its height, on average. */
const LETTER = 0.58;

function text(x: number, y: number, words: string, style: Lettering): string {
  const { size, fill, bold = false, code = false, anchor = "start", room = Infinity } = style;
  const most = Math.max(1, Math.floor(room / (size * LETTER)));
  const shown = words.length > most ? `${words.slice(0, most - 1)}…` : words;
  const weight = bold ? ' font-weight="650"' : "";
  return `<text x="${x}" y="${y}" font-family="${code ? CODE : TEXT}" font-size="${size}" fill="${fill}" text-anchor="${anchor}"${weight}>${escapeXml(shown)}</text>`;
}

const line = (points: readonly Point[], stroke: string, width: number, more = ""): string =>
  `<polyline points="${points.map(({ x, y }) => `${x},${y}`).join(" ")}" fill="none" stroke="${stroke}" stroke-width="${width}"${more}/>`;

/** The board as a picture of its own: no styles, fonts or scripts from anywhere else. */
export function drawBoard(scene: Scene, title: string, colours: Colours, story?: Story, cursor = 0): Drawing {
  const width = Math.ceil(scene.width + 2 * MARGIN);
  const height = Math.ceil(scene.height + 2 * MARGIN + HEAD);
  const order = { room: 0, stack: 1, pod: 1, fabric: 1, device: 2 } as Readonly<Record<string, number>>;
  const boxes = scene.boxes.toSorted((a, b) => (order[a.type] ?? 1) - (order[b.type] ?? 1));
  const rooms = boxes.filter(({ type }) => type === "room");
  const rest = boxes.filter(({ type }) => type !== "room");
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${escapeXml(title)}</title>`,
    rect({ x: 0, y: 0, width, height }, { fill: colours("--cloth") }),
    text(MARGIN, MARGIN + 18, title, {
      size: 24,
      fill: colours("--ink"),
      bold: true,
      room: width - 2 * MARGIN,
    }),
    `<g transform="translate(${MARGIN} ${MARGIN + HEAD})">`,
    ...rooms.map((box) => drawBox(box, colours)),
    ...scene.cables.map((cable) => drawCable(cable, colours)),
    ...rest.map((box) => drawBox(box, colours)),
    ...(story === undefined ? [] : drawWalk(scene, story, cursor, colours)),
    "</g>",
    "</svg>",
  ];
  return { svg: parts.join("\n"), width, height };
}

function drawCable({ kind, points }: Cable, colours: Colours): string {
  const tone = kind === "veth" ? "--l2" : kind === "stack" ? "--l3" : "--wire";
  return line(points, colours(tone), kind === "wire" ? 4 : 2.5);
}

function drawBox(box: Box, colours: Colours): string {
  switch (box.type) {
    case "room":
      return drawRoom(box, colours);
    case "pod":
      return drawPod(box, colours);
    case "stack":
      return drawStack(box, colours);
    case "fabric":
      return drawFabric(box, colours);
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

function drawPod({ x, y, width, height, pod }: BoxOf<"pod">, colours: Colours): string {
  const { base, suffix } = splitPodName(pod.name);
  const app = pod.containers.find(({ pause }) => !pause);
  const name = suffix === "" ? base : `${base}-${suffix}`;
  const chip = { x: x + 10, y: y + 48, width: Math.min(width - 44, 84), height: 20 };
  return [
    rect(
      { x, y, width, height },
      { fill: colours("--surface"), stroke: colours("--stitch"), dash: "6 4", radius: 12 },
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
      ? `<circle cx="${x + width - 20}" cy="${y + height - 24}" r="7" fill="${colours("--wire-soft")}" stroke="${colours("--wire")}" stroke-width="2"/>`
      : "",
  ].join("");
}

function drawStack(box: BoxOf<"stack">, colours: Colours): string {
  const { x, y, chips, note } = box;
  const tones = { hook: "--ink-2", route: "--l3", socket: "--transport" } as const;
  const fills = { hook: "--felt-2", route: "--l3-soft", socket: "--transport-soft" } as const;
  return [
    rect(box, { fill: colours("--surface"), stroke: colours("--l3"), radius: 8 }),
    text(x + 14, y + 22, "Linux", { size: 14, fill: colours("--l3"), bold: true }),
    ...chips.map((chip) => {
      const area = { ...chip, x: x + chip.x, y: y + chip.y };
      const words = { size: 12.5, fill: colours(tones[chip.tone]), anchor: "middle" as const };
      return (
        rect(area, { fill: colours(fills[chip.tone]), radius: 8 }) +
        text(area.x + chip.width / 2, area.y + chip.height / 2 + 4.5, chip.label, words)
      );
    }),
    note === undefined
      ? ""
      : text(x + note.x, y + note.y + 14, note.text, { size: 13, fill: colours("--ink-2"), code: true }),
  ].join("");
}

function toneOf(kind: string, name: string): string {
  if (["vxlan", "ipip", "gre", "gretap", "tun", "wireguard"].includes(kind)) return "tunnel";
  return kind === "veth" && !name.startsWith("veth") && !name.startsWith("eth") ? "wire" : "l2";
}

function drawDevice(
  { x, y, width, height, device, shape, caption }: BoxOf<"device">,
  colours: Colours,
): string {
  const { name, kind } = device.link;
  if (shape === "label")
    return text(x, y + height / 2 + 4, name, { size: 12, fill: colours("--ink-2"), code: true });
  const tone = toneOf(kind, name);
  const middle = y + height / 2 + 5;
  const words = { size: 14, fill: colours("--ink"), bold: true };
  return [
    rect(
      { x, y, width, height },
      {
        fill: colours(`--${tone}-soft`),
        stroke: colours(`--${tone}`),
        radius: shape === "bar" ? 10 : height / 2,
      },
    ),
    shape === "bar"
      ? text(x + 14, middle, name, words)
      : text(x + width / 2, middle, name, { ...words, anchor: "middle", room: width }),
    shape === "bar" && width > 190
      ? text(x + width - 14, middle, caption, {
          size: 13.5,
          fill: colours("--ink-2"),
          code: true,
          anchor: "end",
        })
      : "",
  ].join("");
}

function drawFabric({ x, y, width, height, fabric }: BoxOf<"fabric">, colours: Colours): string {
  const middle = y + height / 2 + 5;
  return [
    rect({ x, y, width, height }, { fill: colours("--wire-soft"), stroke: colours("--wire"), radius: 10 }),
    text(x + 16, middle, fabric.bridge.link.name, { size: 14.5, fill: colours("--ink"), bold: true }),
    text(x + width - 16, middle, fabric.bridge.addresses[0] ?? "", {
      size: 13.5,
      fill: colours("--ink-2"),
      code: true,
      anchor: "end",
    }),
  ].join("");
}

/** What the packet has walked so far, and where it stands. */
function drawWalk(scene: Scene, story: Story, cursor: number, colours: Colours): readonly string[] {
  const ways = new Map<number | string, Point[]>();
  for (const hop of story.hops.slice(0, cursor + 1)) {
    const before = story.hops.slice(0, hop.number).findLast(({ strand }) => strand === hop.strand);
    const spots = [before?.spot ?? hop.way[0] ?? hop.spot, ...hop.way];
    const way = spots.flatMap((to, i) => (i === 0 ? [] : scene.wires.way(spots[i - 1]!, to)));
    ways.set(hop.strand, [...(ways.get(hop.strand) ?? []), ...way]);
  }
  const here = story.hops[cursor];
  const at = here === undefined ? undefined : scene.wires.at(here.spot);
  const soft = ' stroke-linejoin="round" stroke-linecap="round"';
  return [
    ...[...ways.values()].map((way) => line(straighten(way), colours("--walked"), 6, soft)),
    at === undefined
      ? ""
      : `<circle cx="${at.x}" cy="${at.y}" r="11" fill="${colours("--surface")}" stroke="${colours("--tunnel")}" stroke-width="4"/>`,
  ];
}
