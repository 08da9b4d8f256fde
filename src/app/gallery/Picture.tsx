import { useMemo } from "react";
import type { Scenario } from "../../scenario/schema.ts";
import { type Sketch, sketch, type SketchRoom } from "./sketch.ts";

/** Units of the picture's own. */
const WIDTH = 300;
const HEIGHT = 150;
const ROOM = { top: 34, height: 68, gap: 10, widest: 96 } as const;
const FLOOR = 122;
/** Pods that a room shows; more of them are more dots than one counts. */
const MOST_PODS = 6;
const MOST_ROOMS = 6;

interface Placed {
  readonly room: SketchRoom;
  readonly x: number;
  readonly width: number;
}

/** A scenario in miniature, drawn from its document. Decoration: all that it says stands beside it in words. */
export function Picture({ scenario }: { readonly scenario: Scenario }) {
  const drawn = useMemo(() => sketch(scenario), [scenario]);
  const shown = drawn.rooms.slice(0, MOST_ROOMS);
  const count = Math.max(1, shown.length);
  const width = Math.min(ROOM.widest, (WIDTH - 24 - (count - 1) * ROOM.gap) / count);
  const left = (WIDTH - count * width - (count - 1) * ROOM.gap) / 2;
  const placed = shown.map((room, i): Placed => ({ room, width, x: left + i * (width + ROOM.gap) }));
  return (
    <svg className="sketch" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      {drawn.services > 0 && <Services count={drawn.services} placed={placed} />}
      <Wires sketch={drawn} placed={placed} />
      {placed.map(({ room, x }) => (
        <Room key={room.name} room={room} x={x} width={width} />
      ))}
      <Overlay kind={drawn.overlay} placed={placed} />
      {drawn.policies > 0 && <path className="sk-policy" d="M12 10h14v9q0 7-7 10-7-3-7-10z" />}
    </svg>
  );
}

function Room({ room, x, width }: { readonly room: SketchRoom; readonly x: number; readonly width: number }) {
  const middle = x + width / 2;
  const { top, height } = ROOM;
  if (room.kind === "internet")
    return (
      <path
        className="sk-cloud"
        d={`M${middle - 24} ${top + 52}a14 14 0 0 1 2-28 19 19 0 0 1 36-5 15 15 0 0 1 12 28q-1 5-8 5z`}
      />
    );
  if (room.kind === "router" || room.kind === "balancer") {
    const y = top + 40;
    const arrows =
      room.kind === "router"
        ? `M${middle - 12} ${y}h24m-5-5 5 5-5 5M${middle - 7} ${y - 5}l-5 5 5 5`
        : `M${middle} ${y - 9}v7l-10 11m10-11 10 11M${middle} ${y - 2}v11`;
    return (
      <>
        <circle className="sk-router" cx={middle} cy={y} r={Math.min(22, width / 2)} />
        <path className="sk-arrows" d={arrows} />
      </>
    );
  }
  if (room.kind === "client")
    return (
      <path
        className="sk-client"
        d={`M${middle - 18} ${top + 20}h36v26h-36zM${middle - 24} ${top + 54}h48`}
      />
    );
  return (
    <>
      <rect className="sk-room" x={x} y={top} width={width} height={height} rx="6" />
      <Pods room={room} x={x} width={width} />
      {room.bridge && (
        <rect className="sk-bridge" x={x + 6} y={top + 34} width={width - 12} height="8" rx="3" />
      )}
      <rect className="sk-stack" x={x + 6} y={top + 47} width={width - 12} height="14" rx="3" />
    </>
  );
}

function Pods({ room, x, width }: { readonly room: SketchRoom; readonly x: number; readonly width: number }) {
  const count = Math.min(room.pods, MOST_PODS, Math.floor((width - 8) / 13));
  const step = (width - 12) / Math.max(1, count);
  return Array.from({ length: count }, (_, i) => {
    const middle = x + 6 + step * (i + 0.5);
    return (
      <g key={i}>
        <rect className="sk-pod" x={middle - 5.5} y={ROOM.top + 7} width="11" height="17" rx="2.5" />
        <path className="sk-veth" d={`M${middle} ${ROOM.top + 24}v10`} />
      </g>
    );
  });
}

/** Down to the switches; what is joined by a cable alone hangs at one line. */
function Wires({
  sketch: { switches },
  placed,
}: {
  readonly sketch: Sketch;
  readonly placed: readonly Placed[];
}) {
  const names = [...new Set(placed.flatMap(({ room }) => room.on))];
  const row = (name: string): number => FLOOR + (names.indexOf(name) % 2) * 16;
  return names.map((name) => {
    const ends = placed.filter(({ room }) => room.on.includes(name));
    const xs = ends.map(
      ({ x, width, room }) => x + (width * (room.on.indexOf(name) + 1)) / (room.on.length + 1),
    );
    const [from, to] = [Math.min(...xs), Math.max(...xs)];
    return (
      <g key={name}>
        {xs.map((x) => (
          <path key={x} className="sk-wire" d={`M${x} ${ROOM.top + ROOM.height}V${row(name)}`} />
        ))}
        {switches.includes(name) ? (
          <rect className="sk-switch" x={from - 12} y={row(name)} width={to - from + 24} height="11" rx="4" />
        ) : (
          <path className="sk-wire" d={`M${from} ${row(name)}H${to}`} />
        )}
      </g>
    );
  });
}

function Services({ count, placed }: { readonly count: number; readonly placed: readonly Placed[] }) {
  const shown = Math.min(3, count);
  const left = WIDTH / 2 - (shown * 52 - 8) / 2;
  const ends = placed.filter(({ room }) => room.pods > 0);
  return (
    <>
      {ends.map(({ room, x, width }) => (
        <path
          key={room.name}
          className="sk-behind"
          d={`M${WIDTH / 2} 20V27H${x + width / 2}V${ROOM.top + 6}`}
        />
      ))}
      {Array.from({ length: shown }, (_, i) => (
        <rect key={i} className="sk-service" x={left + i * 52} y="6" width="44" height="14" rx="7" />
      ))}
    </>
  );
}

function Overlay({ kind, placed }: { readonly kind: Sketch["overlay"]; readonly placed: readonly Placed[] }) {
  const ends = placed.filter(({ room }) => room.kind === "node").slice(-2);
  const [from, to] = ends;
  if (from === undefined || to === undefined || kind === "none") return null;
  const [a, b] = [from.x + from.width / 2, to.x + to.width / 2];
  const y = ROOM.top + 54;
  if (kind === "route")
    return <path className="sk-route" d={`M${a} ${y}h12m-4-4 4 4-4 4M${b} ${y}h-12m4-4-4 4 4 4`} />;
  return (
    <>
      <rect className="sk-tunnel" x={a - 12} y={y - 5} width="24" height="10" rx="5" />
      <rect className="sk-tunnel" x={b - 12} y={y - 5} width="24" height="10" rx="5" />
      <path className="sk-arc" d={`M${a} ${y + 5}C${a} ${y + 34} ${b} ${y + 34} ${b} ${y + 5}`} />
    </>
  );
}
