import { format, type Language } from "../i18n/text.ts";
import { arcPath } from "../model/layout/arcs.ts";
import { serviceLines } from "../model/layout/service-lines.ts";
import type { Box, Rect, Scene } from "../model/layout/scene.ts";
import { endpointsOf, serviceName, type ServiceSpot } from "../model/services.ts";
import { type TicketEnd, ticketOf } from "../model/ticket.ts";
import type { Story } from "../model/story.ts";
import type { WorldState } from "../model/world.ts";
import type { Told } from "../board/story-paint.ts";
import { type Colours, path, rect, text, widthOf } from "./svg.ts";

/** The idea of a tunnel between two nodes that the packet comes through; the lowest point of all of them. */
export function drawArcs(
  { arcs, boxes }: Scene,
  visited: ReadonlySet<number>,
  colours: Colours,
  language: Language,
): { readonly parts: readonly string[]; readonly bottom: number } {
  let bottom = 0;
  const parts = arcs
    .filter(({ fromNetns, toNetns }) => visited.has(fromNetns) && visited.has(toNetns))
    .flatMap((arc) => {
      const { d, depth, text: at } = arcPath(arc, boxes);
      // A curve between two ends of one height goes three quarters of the way to its handles.
      bottom = Math.max(bottom, arc.from.y + (depth - arc.from.y) * 0.75);
      const words = format(language, "board.tunnel", { vni: arc.vni });
      return [
        path(d, colours("--tunnel"), 2, ' stroke-dasharray="1 7" stroke-linecap="round"'),
        text(at.x, at.y, words, {
          size: 15,
          fill: colours("--tunnel"),
          anchor: "middle",
          halo: colours("--cloth"),
        }),
      ];
    });
  return { parts, bottom };
}

/** Services over the nodes on which their addresses are translated. */
export function drawServices(
  scene: Scene,
  spots: readonly ServiceSpot[],
  world: WorldState,
  colours: Colours,
): readonly string[] {
  const nat = colours("--nat");
  const labels = serviceLines(scene, spots, ({ service }) => endpointsOf(world, service));
  return labels.flatMap(({ x, y, spot, toNode, toEndpoints }) => {
    const name = serviceName(spot.service);
    const address = spot.shown;
    const size = 16;
    const [left, right] = [widthOf(name, size) * 1.06, widthOf(address, size, true)];
    const width = left + right + 46;
    const box = { x: x - width / 2, y: y - 17, width, height: 34 };
    return [
      path(toNode, nat, 2.5, ' stroke-dasharray="2 5" stroke-linecap="round"'),
      ...toEndpoints.map(({ way, isChosen }) =>
        path(way, nat, isChosen ? 2.2 : 1.2, ` opacity="${isChosen ? 0.9 : 0.4}"`),
      ),
      rect(box, { fill: colours("--nat-soft"), stroke: nat, radius: 17, width: 2.5 }),
      text(box.x + 18, y + 5.5, name, { size, fill: nat, bold: true }),
      text(box.x + width - 18, y + 5.5, address, { size, fill: nat, code: true, anchor: "end" }),
    ];
  });
}

/** What a room's conntrack knows of the packet, as the page writes it beside the NICs. */
export function drawTicket(
  box: Extract<Box, { type: "ticket" }>,
  { session, cast, language, cursor }: Told,
  story: Story,
  colours: Colours,
): string {
  if (session === undefined || cast === undefined) return "";
  const ticket = ticketOf(story, cursor, box.room.netns, session.world, cast);
  if (ticket === undefined) return "";
  const { flow, nat } = ticket;
  const ink = { size: 13.5, fill: colours("--ink-2") };
  const [left, room] = [box.x + 9, box.width - 18];
  const title = `${format(language, "ticket.title", { protocol: flow.protocol })} ${flow.state}`;
  const more = flow.unconfirmed ? `  ${format(language, "ticket.new")}` : "";
  const rows = [
    { word: format(language, "ticket.original"), pair: ticket.original, isHere: !flow.isReply },
    { word: format(language, "ticket.reply"), pair: ticket.reply, isHere: flow.isReply },
  ];
  const step = box.height / 4;
  const at = (i: number): number => box.y + step * i + step * 0.75;
  const mark = (i: number): Rect => ({ x: box.x + 3, y: at(i) - 14, width: box.width - 6, height: 18 });
  const word = (i: number, words: string, fill: string, bold: boolean): string =>
    text(left, at(i), words, { ...ink, fill, bold });
  const code = { size: 12.5, code: true };
  return [
    rect(box, { fill: colours("--surface"), stroke: colours("--line"), radius: 7, width: 1.5 }),
    text(left, at(0), title + more, { ...ink, fill: colours("--ink"), room }),
    ...rows.flatMap(({ word: said, pair: [from, to], isHere }, i) => {
      const fill = colours(isHere ? "--ink" : "--ink-2");
      const tone = ({ stamped }: TicketEnd) => ({
        ...code,
        bold: isHere,
        fill: stamped ? colours("--nat") : fill,
      });
      const second = left + 42 + widthOf(`${from.text} → `, code.size, true);
      return [
        isHere ? rect(mark(i + 1), { fill: colours("--l3-soft"), radius: 3 }) : "",
        word(i + 1, said, fill, isHere),
        text(left + 42, at(i + 1), from.text, tone(from)),
        text(second - widthOf("→ ", code.size, true), at(i + 1), "→", { ...code, fill }),
        text(second, at(i + 1), to.text, tone(to)),
      ];
    }),
    ...(nat === undefined
      ? []
      : [
          word(3, format(language, nat.isBack ? "ticket.undo" : "ticket.nat"), colours("--nat"), true),
          text(left + 56, at(3), `${nat.before} → ${nat.after}`, {
            ...code,
            fill: colours("--nat"),
            bold: true,
            room: room - 56,
          }),
        ]),
  ].join("");
}
