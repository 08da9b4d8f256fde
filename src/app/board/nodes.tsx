import type { Node, NodeProps } from "@xyflow/react";
import { lazy, memo, Suspense } from "react";
import { useBoard, useSay } from "../board-context.ts";
import { splitPodName } from "../model/cast.ts";
import { fabricKey } from "../model/layout/fabric-key.ts";
import type { Box, Chip } from "../model/layout/scene.ts";
import { spot } from "../model/layout/scene.ts";
import type { Board } from "../store.ts";
import { storyParts } from "../story-parts.ts";

type BoxOf<T extends Box["type"]> = Extract<Box, { type: T }>;
export type BoxNode<T extends Box["type"] = Box["type"]> = Node<{ readonly box: BoxOf<T> }, T>;

/** Spot on which the token stands, when it is this one. */
function useIsHere(id: string): boolean {
  return useBoard((board) => hereOf(board) === id);
}

export function hereOf({ story, cursor }: Board): string | undefined {
  return story?.hops[cursor]?.spot;
}

export const RoomNode = memo(function RoomNode({ data }: NodeProps<BoxNode<"room">>) {
  const { room, address, compact } = data.box;
  return (
    <div className={`room ${compact ? "room-compact" : ""}`}>
      <div className="room-title nopan" data-move={room.name}>
        <strong>{room.name}</strong>
        <code>{address}</code>
      </div>
      <div className="room-shelf">{room.shelf.join(" · ")}</div>
    </div>
  );
});

export const PodNode = memo(function PodNode({ data }: NodeProps<BoxNode<"pod">>) {
  const { pod } = data.box;
  const say = useSay();
  const { base, suffix } = splitPodName(pod.name);
  const isChoosing = useBoard((board) => board.choosing !== undefined);
  const isSource = useBoard((board) => board.choosing?.source === pod.netns);
  const isEnd = useBoard(({ story }) => {
    const records = story?.journey.lanes[0]?.records;
    return records?.[0]?.netns === pod.netns || records?.at(-1)?.netns === pod.netns;
  });
  const apps = pod.containers.filter(({ pause }) => !pause);
  const hasPause = pod.containers.some(({ pause }) => pause);
  const classes = ["pod", isChoosing && "pod-choosable", isSource && "pod-source", isEnd && "pod-end"];
  return (
    <div className={classes.filter(Boolean).join(" ")}>
      <div className="pod-name" title={pod.name}>
        <strong>{base}</strong>
        {suffix !== "" && <span>-{suffix}</span>}
      </div>
      <code className="pod-ip">{pod.ip ?? ""}</code>
      <div className="pod-containers">
        {apps.slice(0, 2).map((container) => (
          <span key={container.name} className="container" data-state={container.state}>
            {container.name}
          </span>
        ))}
        {hasPause && (
          <span className="pause" role="img" aria-label={say("node.pause")} title={say("node.pause")} />
        )}
      </div>
    </div>
  );
});

/** Devices whose packets leave inside others. */
function isTunnel(kind: string): boolean {
  return /^(vxlan|ipip|gre|gretap|tun|wireguard)$/.test(kind);
}

function deviceClasses({ shape, device }: BoxOf<"device">, isHere: boolean, isSelected: boolean): string {
  const { kind, name, up } = device.link;
  const isWire = kind === "veth" && shape === "pill" && device.addresses.length > 0 && name.startsWith("e");
  return [
    "device",
    `device-${shape}`,
    `device-${kind}`,
    isTunnel(kind) && "device-tunnel",
    isWire && "device-eth",
    !up && "device-down",
    isHere && "is-here",
    isSelected && "is-selected",
  ]
    .filter(Boolean)
    .join(" ");
}

export const DeviceNode = memo(function DeviceNode({ data }: NodeProps<BoxNode<"device">>) {
  const { box } = data;
  const { device, shape } = box;
  const isHere = useIsHere(box.id);
  const isSelected = useBoard(
    ({ selection, tab }) =>
      tab === "device" && selection?.netns === device.netns && selection.index === device.link.index,
  );
  return (
    <div className={deviceClasses(box, isHere, isSelected)} data-narrow={box.width < 80}>
      <span className="device-name">{device.link.name}</span>
      {shape === "bar" && box.width > 190 && <code>{box.caption}</code>}
      {shape === "bar" && <span className="host-port">host</span>}
    </div>
  );
});

export const StackNode = memo(function StackNode({ data }: NodeProps<BoxNode<"stack">>) {
  const { room, chips, note } = data.box;
  const say = useSay();
  const route = useBoard(({ story, cursor }) => {
    const hop = story?.hops[cursor];
    return hop?.netns === room.netns ? hop.number : -1;
  });
  return (
    <div className={`stack ${route >= 0 ? "stack-active" : ""}`}>
      <div className="stack-title">{say("node.stack.title")}</div>
      {chips.map((chip) => (
        <StackChip key={chip.spot} chip={chip} />
      ))}
      {note !== undefined && (
        <code className="stack-note" style={{ left: note.x, top: note.y }}>
          {note.text}
        </code>
      )}
    </div>
  );
});

function StackChip({ chip }: { readonly chip: Chip }) {
  const isHere = useIsHere(chip.spot);
  const isPassed = useBoard(({ story, cursor }) =>
    story === undefined
      ? false
      : story.hops
          .slice(0, cursor + 1)
          .some(
            (hop) => hop.lent.includes(chip.spot) || (hop.number < cursor && hop.way.includes(chip.spot)),
          ),
  );
  const { x, y, width, height, label, tone } = chip;
  const classes = `chip chip-${tone} ${isHere ? "is-here" : ""} ${isPassed ? "is-passed" : ""}`;
  return (
    <span className={classes} style={{ left: x, top: y, width, height }}>
      {label}
    </span>
  );
}

export const FabricNode = memo(function FabricNode({ data }: NodeProps<BoxNode<"fabric">>) {
  const { fabric } = data.box;
  const say = useSay();
  const { netns, bridge } = fabric;
  const isHere = useBoard((board) => hereOf(board)?.startsWith(spot.device(netns, 0).slice(0, -1)) === true);
  return (
    <div
      className={`device device-bar device-fabric nopan ${isHere ? "is-here" : ""}`}
      data-move={fabricKey(fabric)}
    >
      <span className="device-name">
        {say("node.switch.title")} <code>{bridge.link.name}</code>{" "}
        {fabric.label === "" && say("node.switch.host")}
      </span>
      <code>{bridge.addresses[0] ?? ""}</code>
    </div>
  );
});

const Ticket = lazy(storyParts.ticket);

/** Empty until a packet is under way. */
export function TicketNode(props: NodeProps<BoxNode<"ticket">>) {
  const hasStory = useBoard((board) => board.story !== undefined);
  return hasStory ? (
    <Suspense>
      <Ticket {...props} />
    </Suspense>
  ) : null;
}

export const nodeTypes = {
  room: RoomNode,
  pod: PodNode,
  device: DeviceNode,
  stack: StackNode,
  fabric: FabricNode,
  ticket: TicketNode,
};
