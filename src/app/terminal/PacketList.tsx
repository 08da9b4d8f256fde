import { useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import type { Session } from "../session.ts";
import { endOf, isSender, type PacketOfCommand, packetsOf, type TypedCommand } from "./commands.ts";
import type { Hub } from "./hub.ts";

/** How often the list follows a command that goes on. */
const REFRESH_MS = 700;
const MOST_SHOWN = 60;

/** Length of the trace, told now and then. */
function useLength(session: Session, active: boolean): number {
  const [length, setLength] = useState(session.reader.length);
  useEffect(() => {
    if (!active) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      timer = undefined;
      setLength(session.reader.length);
    };
    const grown = (): void => {
      timer ??= setTimeout(look, REFRESH_MS);
    };
    look();
    session.growth.add(grown);
    return () => {
      clearTimeout(timer);
      session.growth.delete(grown);
    };
  }, [session, active]);
  return length;
}

/** The packets of a command, newest first; each opens on the board. */
export function PacketList({
  hub,
  session,
  active,
}: {
  readonly hub: Hub;
  readonly session: Session;
  readonly active: boolean;
}) {
  const say = useSay();
  const commands = useStore(hub.store, (state) => state.commands);
  const [chosen, choose] = useState<string>();
  const length = useLength(session, active);
  const sending = useMemo(
    () =>
      commands.filter((each) => {
        if (hub.senders.has(keyOf(each))) return true;
        const sends = isSender(session.reader, each, endOf(each, commands, length));
        if (sends) hub.senders.add(keyOf(each));
        return sends;
      }),
    [commands, session, length, hub],
  );
  const command = sending.find((each) => keyOf(each) === chosen) ?? sending[0];
  const packets = useMemo(
    () => (command === undefined ? [] : packetsOf(session.reader, command, endOf(command, commands, length))),
    [command, commands, session, length],
  );
  if (command === undefined) return <p className="hint">{say("terminal.noPackets")}</p>;
  return (
    <div className="command-packets">
      <label>
        <span>{say("terminal.packetsOf")}</span>
        <select value={keyOf(command)} onChange={(event) => choose(event.target.value)}>
          {sending.map((each) => (
            <option key={keyOf(each)} value={keyOf(each)}>
              {each.text}
            </option>
          ))}
        </select>
      </label>
      <ol>
        {packets.slice(0, MOST_SHOWN).map((packet) => (
          <li key={`${packet.index}/${packet.turn.number}`}>
            <PacketButton packet={packet} time={session.reader.time(packet.index)} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function keyOf({ terminal, number }: TypedCommand): string {
  return `${terminal}/${number}`;
}

function PacketButton({ packet, time }: { readonly packet: PacketOfCommand; readonly time: number }) {
  const say = useSay();
  const store = useBoardStore();
  const { turn, conversation } = packet;
  const { there, back } = turn;
  const isOpen = useBoard(
    ({ story }) =>
      story !== undefined && story.conversation.turns[story.turn]?.there?.origin.index === packet.index,
  );
  const lost = there?.lost === true || back?.lost === true;
  const open = (): void => {
    store.getState().set({ panel: "hops" });
    void store.getState().tell(conversation, turn.number);
  };
  return (
    <button
      type="button"
      className={`turn tone-${lost ? "drop" : ((there ?? back)?.tone ?? "transport")}`}
      {...(isOpen && { "aria-current": "true" as const })}
      onClick={open}
    >
      <time>{(time / 1e9).toFixed(3)}</time>
      {there !== undefined && <span>→ {there.title}</span>}
      {back !== undefined && <span>← {back.title}</span>}
      {lost && <b>{say("talk.lost")}</b>}
    </button>
  );
}
