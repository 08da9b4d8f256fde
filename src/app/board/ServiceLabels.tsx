import "../styles/story.css";
import { ViewportPortal } from "@xyflow/react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import type { Box, Rect, Scene } from "../model/layout/scene.ts";
import type { Point } from "../model/layout/wires.ts";
import { endpointsOf, serviceName, type ServiceSpot } from "../model/services.ts";
import type { Selection } from "../store.ts";
import { useServices } from "./use-services.ts";
import { SKY } from "./view.ts";

/** Where the labels of one room's Services stand: side by side above it. */
function placeLabels(
  scene: Scene,
  spots: readonly ServiceSpot[],
): readonly (Point & { readonly spot: ServiceSpot })[] {
  return spots.flatMap((spot) => {
    const room = scene.boxes.find((box) => box.type === "room" && box.room.netns === spot.netns);
    const own = spots.filter(({ netns }) => netns === spot.netns);
    if (room === undefined) return [];
    const x = room.x + (room.width * (own.indexOf(spot) + 0.5)) / own.length;
    return [{ x, y: -SKY + 18, spot }];
  });
}

/** What the inspector is told of a Service. */
function serviceSelection({ namespace, name }: ServiceSpot["service"]): Selection {
  return { netns: 0, index: 0, service: `${namespace}/${name}` };
}

/** Widths of a letter of the room's name and of its address, in board units. */
const LETTER = { name: 9.4, address: 9.2, shelf: 7.4 };

/** What is written on a room's head. */
function signsOf(box: Extract<Box, { type: "room" }>): readonly Rect[] {
  const [left, right] = [box.x + 14, box.x + box.width - 14];
  const name = box.room.name.length * LETTER.name;
  const address = box.address.length * LETTER.address;
  const shelf = Math.min(right - left, box.room.shelf.join(" · ").length * LETTER.shelf);
  if (box.compact) return [{ x: left, y: 6, width: right - left, height: 44 }];
  return [
    { x: left, y: 6, width: name, height: 28 },
    { x: right - address, y: 6, width: address, height: 28 },
    { x: left, y: 34, width: shelf, height: 20 },
  ];
}

/** A line straight down to `y` that leaves out what is written in its way. */
function drop(x: number, y: number, signs: readonly Rect[]): string {
  const inWay = signs.filter((sign) => x > sign.x - 4 && x < sign.x + sign.width + 4 && sign.y < y);
  const gaps = inWay.toSorted((a, b) => a.y - b.y);
  return `${gaps.map((sign) => `V${sign.y}M${x} ${sign.y + sign.height}`).join("")}V${y}`;
}

/**
 * A Service stands above the node on which its address is translated: a label without a wire. A firm line leads to the
 * node whose rules do it, thin ones to its endpoints.
 */
export default function ServiceLabels({ scene }: { readonly scene: Scene }) {
  const say = useSay();
  const store = useBoardStore();
  const spots = useServices();
  const session = useBoard((board) => board.session);
  if (session === undefined || spots.length === 0) return null;
  const labels = placeLabels(scene, spots);
  const signs = scene.boxes.flatMap((box) => (box.type === "room" ? signsOf(box) : []));
  const pods = scene.boxes.flatMap((box) => (box.type === "pod" ? [box] : []));
  return (
    <ViewportPortal>
      <svg className="cables services" width={scene.width} height={scene.height} aria-hidden="true">
        {labels.map(({ x, y, spot }) => (
          <g key={`${spot.netns}/${spot.shown}`}>
            <path d={`M${x} ${y + 18}V0`} className="service-line" />
            {pods
              .filter(
                ({ pod }) =>
                  pod.ip !== undefined && endpointsOf(session.world, spot.service).includes(pod.ip),
              )
              .map((box) => (
                <path
                  key={box.id}
                  d={`M${x} ${y + 18}V-14H${box.x + box.width / 2}${drop(box.x + box.width / 2, box.y, signs)}`}
                  className={`service-endpoint ${box.pod.ip === spot.chosen ? "is-chosen" : ""}`}
                />
              ))}
          </g>
        ))}
      </svg>
      {labels.map(({ x, y, spot }) => (
        <button
          type="button"
          key={`${spot.netns}/${spot.shown}`}
          className="service-label nodrag nopan"
          onClick={() => store.getState().select(serviceSelection(spot.service))}
          style={{ transform: `translate(${x}px, ${y}px) translate(-50%, -50%)` }}
          title={say("board.service.hint")}
        >
          {serviceName(spot.service)} <code>{spot.shown}</code>
        </button>
      ))}
    </ViewportPortal>
  );
}
