import { useEffect, useId, useRef, useState } from "react";
import { useSay } from "../board-context.ts";
import type { Packet } from "../model/capture/packet.ts";

const ROW = 22;
/** Rows above and below the window that are drawn too. */
const SPARE = 8;

interface TableProps {
  readonly label: string;
  readonly packets: readonly Packet[];
  /** Time that counts as 0. */
  readonly start: number;
  readonly chosen: number | undefined;
  /** Place in the trace of the row at the board's cursor. */
  readonly cursor: number | undefined;
  /** Whether a row is the chosen packet on another interface. */
  readonly isSame: (packet: Packet) => boolean;
  readonly choose: (packet: Packet) => void;
}

const COLUMNS = ["number", "time", "source", "destination", "protocol", "length", "info"] as const;

/** A packet list as Wireshark has it; only the rows in view are there, however many there are. */
export function PacketTable(props: TableProps) {
  const { label, packets, chosen, cursor, choose } = props;
  const say = useSay();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 200 });
  const at = packets.findIndex(({ frame }) => frame.index === chosen);
  const wanted = at >= 0 ? at : packets.findIndex(({ frame }) => frame.index === cursor);
  useEffect(() => {
    const element = box.current;
    if (element === null || wanted < 0) return;
    const top = wanted * ROW;
    if (top < element.scrollTop || top + 2 * ROW > element.scrollTop + element.clientHeight)
      element.scrollTop = Math.max(0, top - element.clientHeight / 2);
  }, [wanted]);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() =>
      setView({ top: element.scrollTop, height: element.clientHeight }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const first = Math.max(0, Math.floor(view.top / ROW) - SPARE);
  const last = Math.min(packets.length, Math.ceil((view.top + view.height) / ROW) + SPARE);
  const onKey = (event: React.KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(view.height / ROW) - 2);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? packets.length - 1 : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: packets.length - 1,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const packet = packets[Math.max(0, Math.min(packets.length - 1, to))];
    if (packet !== undefined) choose(packet);
  };
  return (
    <div
      ref={box}
      className="packet-table"
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={packets.length + 1}
      aria-colcount={COLUMNS.length}
      aria-activedescendant={at >= first && at < last ? `${id}-${packets[at]!.number}` : undefined}
      onKeyDown={onKey}
      onScroll={(event) =>
        setView({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })
      }
    >
      <div className="packet-head" role="row" aria-rowindex={1}>
        {COLUMNS.map((name) => (
          <span key={name} role="columnheader" className={`col-${name}`}>
            {say(`capture.${name}`)}
          </span>
        ))}
      </div>
      <div role="rowgroup" style={{ height: packets.length * ROW, position: "relative" }}>
        {packets.slice(first, last).map((packet, i) => (
          <PacketRow key={packet.number} {...props} id={id} packet={packet} at={first + i} />
        ))}
      </div>
    </div>
  );
}

function PacketRow({
  id,
  packet,
  at,
  start,
  chosen,
  cursor,
  isSame,
  choose,
}: TableProps & { readonly id: string; readonly packet: Packet; readonly at: number }) {
  const say = useSay();
  const { frame, number, tone } = packet;
  const isChosen = frame.index === chosen;
  const same = !isChosen && isSame(packet);
  const classes = [
    "packet-row",
    `tone-${tone}`,
    isChosen && "is-chosen",
    same && "is-same",
    frame.index === cursor && "is-now",
  ];
  const cells: Readonly<Record<(typeof COLUMNS)[number], string>> = {
    number: String(number),
    time: ((frame.time - start) / 1e9).toFixed(6),
    source: packet.source,
    destination: packet.destination,
    protocol: packet.protocol,
    length: String(frame.length),
    info: packet.info,
  };
  return (
    <div
      id={`${id}-${number}`}
      role="row"
      aria-rowindex={at + 2}
      aria-selected={isChosen}
      className={classes.filter(Boolean).join(" ")}
      style={{ top: at * ROW }}
      onClick={() => choose(packet)}
    >
      {COLUMNS.map((name) => (
        <span
          key={name}
          role="gridcell"
          className={`col-${name}`}
          title={name === "info" ? cells.info : undefined}
        >
          {name === "info" && same && <b className="same-mark">{say("capture.same")}</b>}
          {name === "number" && frame.index === cursor && <b aria-label={say("capture.cursor")}>▸</b>}
          {cells[name]}
        </span>
      ))}
    </div>
  );
}
