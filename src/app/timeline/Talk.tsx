import { useEffect, useRef } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import type { Exchange, Turn } from "../model/conversation.ts";

/** The whole conversation, packet by packet with its answer: the open one is what the tracks below show. */
export function Talk() {
  const say = useSay();
  const exchanges = useBoard((board) => board.story?.conversation.exchanges ?? []);
  const open = useBoard((board) => board.story?.turn ?? 0);
  const box = useRef<HTMLDivElement>(null);
  const count = exchanges.reduce((sum, { turns }) => sum + turns.length, 0);
  useEffect(() => {
    box.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [open]);
  if (count < 2) return null;
  return (
    <div ref={box} className="talk" role="group" aria-label={say("talk.label")}>
      {exchanges.map((exchange) => (
        <ExchangeGroup
          key={`${exchange.netns} ${exchange.kind} ${exchange.partner}`}
          exchange={exchange}
          open={open}
        />
      ))}
    </div>
  );
}

function ExchangeGroup({ exchange, open }: { readonly exchange: Exchange; readonly open: number }) {
  const cast = useBoard((board) => board.cast);
  const sender = useBoard((board) => board.story?.conversation.sender.netns);
  return (
    <div className="exchange">
      <span className="exchange-name">
        {exchange.netns !== sender && <>{cast?.name(exchange.netns)} · </>}
        <strong>{exchange.kind.toUpperCase()}</strong> <code>{exchange.partner}</code>
      </span>
      <div className="turns">
        {exchange.turns.map((turn) => (
          <TurnButton key={turn.number} turn={turn} isOpen={turn.number === open} />
        ))}
      </div>
    </div>
  );
}

function TurnButton({ turn, isOpen }: { readonly turn: Turn; readonly isOpen: boolean }) {
  const say = useSay();
  const store = useBoardStore();
  const { there, back, number } = turn;
  const lost = there?.lost === true || back?.lost === true;
  const values = { number: number + 1, there: there?.title ?? "", back: back?.title ?? "" };
  const key = there === undefined ? "talk.unasked" : back === undefined ? "talk.alone" : "talk.turn";
  const label = say(key, values) + (lost ? `, ${say("talk.lost")}` : "");
  return (
    <button
      type="button"
      className={`turn tone-${lost ? "drop" : ((there ?? back)?.tone ?? "transport")}`}
      aria-label={label}
      title={label}
      {...(isOpen && { "aria-current": "step" as const })}
      onClick={() => store.getState().openTurn(number)}
    >
      {there !== undefined && (
        <span>
          <i aria-hidden="true">→</i> {there.title}
        </span>
      )}
      {back !== undefined && (
        <span>
          <i aria-hidden="true">←</i> {back.title}
        </span>
      )}
      {lost && <b aria-hidden="true">✕</b>}
    </button>
  );
}
