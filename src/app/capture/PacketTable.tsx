import { useId, useRef } from "react";
import { useSay } from "../board-context.ts";
import { ROW_HEIGHT, useRows } from "../dock/rows.ts";
import type { Packet } from "../model/capture/packet.ts";

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
  const at = packets.findIndex(({ frame }) => frame.index === chosen);
  const wanted = at >= 0 ? at : packets.findIndex(({ frame }) => frame.index === cursor);
  const box = useRef<HTMLDivElement>(null);
  const rows = useRows(box, packets.length, wanted);
  const { first, last } = rows;
  const onKey = (event: React.KeyboardEvent): void => {
    const to = rows.target(event, at);
    const packet = to === undefined ? undefined : packets[to];
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
      onScroll={rows.onScroll}
    >
      <div className="packet-head" role="row" aria-rowindex={1}>
        {COLUMNS.map((name) => (
          <span key={name} role="columnheader" className={`col-${name}`}>
            {say(`capture.${name}`)}
          </span>
        ))}
      </div>
      <div role="rowgroup" style={{ height: packets.length * ROW_HEIGHT, position: "relative" }}>
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
      style={{ top: at * ROW_HEIGHT }}
      onClick={() => choose(packet)}
    >
      {COLUMNS.map((name) => (
        <span
          key={name}
          role="gridcell"
          className={`col-${name}`}
          title={name === "info" ? cells.info : undefined}
        >
          {name === "number" && same && (
            <b className="same-mark" title={say("capture.same")}>
              <span aria-hidden="true">=</span>
              <span className="sr-only">{say("capture.same")}</span>
            </b>
          )}
          {name === "number" && frame.index === cursor && (
            <b title={say("capture.cursor")}>
              <span aria-hidden="true">▸</span>
              <span className="sr-only">{say("capture.cursor")}</span>
            </b>
          )}
          {cells[name]}
        </span>
      ))}
    </div>
  );
}
