import { paintFar } from "../board/far-paint.ts";
import { farPictureOf, NEAR_ZOOM } from "../board/far-picture.ts";
import { compose, paintStory, type Told } from "../board/story-paint.ts";
import { format } from "../i18n/text.ts";
import { Health } from "../model/health.ts";
import { SKY } from "../model/layout/measures.ts";
import type { Box, Cable, Rect } from "../model/layout/scene.ts";
import { servicesOf, serviceSpots } from "../model/services.ts";
import { drawBox, type Stands } from "./boxes.ts";
import { drawArcs, drawServices, drawTicket } from "./ideas.ts";
import { type Colours, escapeXml, line, num, rect, text } from "./svg.ts";
import { type Measure, SvgPen } from "./svg-pen.ts";

/** Units of cloth around what is drawn. */
const MARGIN = 24;
/** Room above for the title. */
const HEAD = 56;
/** Width of the picture of a large board on which no packet is followed: what lies far away keeps letters that can be read. */
const FAR_WIDTH = 2000;
/** Below this scale a switch is a line with its name (`board/far-paint.ts`). */
const SWITCH_ZOOM = 0.3;

export interface Drawing {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** How the picture's colours and widths of letters are found out. */
export interface Studio {
  readonly colours: Colours;
  readonly measure: Measure;
}

/** A part of the picture, in units of the board. */
interface Sheet {
  readonly parts: readonly string[];
  readonly area: Rect;
}

/**
 * The board as a picture of its own: no styles, fonts or scripts from anywhere else. `part`: all of it unless said. An
 * empty title takes no room.
 */
export function drawBoard(board: Told, title: string, studio: Studio, part?: Rect): Drawing | undefined {
  const { scene } = board;
  if (scene === undefined) return undefined;
  const { colours } = studio;
  const isFar = scene.far !== undefined && scene.far.focus === undefined;
  const zoom = isFar ? Math.min(1, FAR_WIDTH / scene.width) : 1;
  const far = drawFar(board, studio, zoom);
  const near = drawNear(board, studio, zoom);
  const { x, y, width: w, height: h } = part ?? near.area;
  const width = Math.ceil(w * zoom + 2 * MARGIN);
  const head = title === "" ? 0 : HEAD;
  const height = Math.ceil(h * zoom + 2 * MARGIN + head);
  const size = 24;
  const words = { size, fill: colours("--ink"), bold: true, room: width - 2 * MARGIN };
  const place = `translate(${num(MARGIN - x * zoom)} ${num(MARGIN + head - y * zoom)})`;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${escapeXml(title)}</title>`,
    rect({ x: 0, y: 0, width, height }, { fill: colours("--cloth") }),
    ...(title === "" ? [] : [text(MARGIN, MARGIN + 18, title, words)]),
    `<g transform="${place}">`,
    ...far,
    zoom === 1 ? "<g>" : `<g transform="scale(${zoom})">`,
    ...near.parts,
    "</g></g>",
    "</svg>",
  ];
  return { svg: parts.join("\n"), width, height };
}

/** What of a large board nobody looks at from near, in the picture's own units. */
function drawFar({ scene, session, language }: Told, studio: Studio, zoom: number): readonly string[] {
  if (scene?.far === undefined || session === undefined) return [];
  // From as far as this the page draws no room from near either.
  const far = zoom < NEAR_ZOOM ? { ...scene.far, detailed: new Set<number>() } : scene.far;
  const health = new Health(session.world);
  const picture = farPictureOf(far, health, (key, values) => format(language, key, values), studio.colours);
  const pen = new SvgPen(studio.measure);
  const [width, height] = [scene.width * zoom, scene.height * zoom];
  paintFar(pen.ink, picture, { x: 0, y: 0, zoom, width, height });
  return pen.parts;
}

/** Rooms, wires and the packet; from afar only the switches, while they can be seen. */
function drawNear(board: Told, studio: Studio, zoom: number): Sheet {
  const { scene, story, session, language } = board;
  if (scene === undefined) return { parts: [], area: { x: 0, y: 0, width: 0, height: 0 } };
  const { colours } = studio;
  const isTooFar = zoom < NEAR_ZOOM;
  const boxes = isTooFar
    ? scene.boxes.filter(({ type }) => type === "fabric" && zoom > SWITCH_ZOOM)
    : scene.boxes;
  const order = { room: 0, stack: 1, pod: 1, fabric: 1, ticket: 1, device: 2 } as const;
  const [rooms, rest] = [
    boxes.filter(({ type }) => type === "room"),
    boxes.filter(({ type }) => type !== "room"),
  ];
  const stands = standsOf(board);
  const draw = (box: Box): string =>
    box.type !== "ticket"
      ? drawBox(box, colours, stands, format(language, "node.switch.title"))
      : story === undefined
        ? ""
        : drawTicket(box, board, story, colours);
  const spots =
    story === undefined || session === undefined || isTooFar
      ? []
      : serviceSpots(story.steps, servicesOf(session.world));
  const arcs = drawArcs(scene, story?.visited ?? new Set(), colours, language);
  const packet = drawPacket(board, studio);
  const sky = spots.length > 0 ? SKY : 0;
  const left = Math.min(0, packet.span.left);
  const bottom = Math.max(scene.height, arcs.bottom);
  return {
    parts: [
      ...rooms.map(draw),
      ...(isTooFar ? [] : scene.cables.map((cable) => drawCable(cable, colours))),
      ...rest.toSorted((a, b) => order[a.type] - order[b.type]).map(draw),
      ...arcs.parts,
      ...(session === undefined ? [] : drawServices(scene, spots, session.world, colours)),
      ...packet.parts,
    ],
    area: { x: left, y: -sky, width: Math.max(scene.width, packet.span.right) - left, height: bottom + sky },
  };
}

function drawCable({ kind, points }: Cable, colours: Colours): string {
  const tone = kind === "veth" ? "--l2" : kind === "stack" ? "--l3" : "--wire";
  return line(points, colours(tone), kind === "wire" ? 4 : 2.5);
}

function standsOf({ story, cursor }: Told): Stands {
  const hops = story?.hops.slice(0, cursor + 1) ?? [];
  const records = story?.journey.lanes[0]?.records;
  return {
    here: story?.hops[cursor]?.spot,
    passed: new Set(hops.flatMap(({ lent, way, number }) => (number < cursor ? [...lent, ...way] : lent))),
    ends: new Set(records === undefined ? [] : [records[0]?.netns, records.at(-1)?.netns]),
  };
}

/** The packet's way, its copies and fragments, and the packet itself, as the page paints them. */
function drawPacket(board: Told, { colours, measure }: Studio): Pick<SvgPen, "parts" | "span"> {
  const pen = new SvgPen(measure);
  const picture = compose(board);
  if (picture !== undefined) paintStory(pen, picture, 1, colours);
  return pen;
}
