import "../styles/story.css";
import { ViewportPortal } from "@xyflow/react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import type { Scene } from "../model/layout/scene.ts";
import { serviceLines } from "../model/layout/service-lines.ts";
import { endpointsOf, serviceName, type ServiceSpot } from "../model/services.ts";
import type { Selection } from "../store.ts";
import { useServices } from "./use-services.ts";

/** What the inspector is told of a Service. */
function serviceSelection({ namespace, name }: ServiceSpot["service"]): Selection {
  return { netns: 0, index: 0, service: `${namespace}/${name}` };
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
  const labels = serviceLines(scene, spots, ({ service }) => endpointsOf(session.world, service));
  return (
    <ViewportPortal>
      <svg className="cables services" width={scene.width} height={scene.height} aria-hidden="true">
        {labels.map(({ spot, toNode, toEndpoints }) => (
          <g key={`${spot.netns}/${spot.shown}`}>
            <path d={toNode} className="service-line" />
            {toEndpoints.map(({ id, way, isChosen }) => (
              <path key={id} d={way} className={`service-endpoint ${isChosen ? "is-chosen" : ""}`} />
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
