import "../styles/story.css";
import type { NodeProps } from "@xyflow/react";
import { memo } from "react";
import { useBoard, useSay } from "../board-context.ts";
import { type Ticket, type TicketEnd, ticketOf } from "../model/ticket.ts";
import type { BoxNode } from "./nodes.tsx";

/** Characters of a line that fit at the ticket's own size. */
const ROOMY = 34;

/** What this room's conntrack knows of the packet under way. */
export default memo(function TicketNode({ data }: NodeProps<BoxNode<"ticket">>) {
  const { netns, name } = data.box.room;
  const say = useSay();
  const story = useBoard((board) => board.story);
  const cursor = useBoard((board) => board.cursor);
  const session = useBoard((board) => board.session);
  const cast = useBoard((board) => board.cast);
  if (story === undefined || session === undefined || cast === undefined) return null;
  const ticket = ticketOf(story, cursor, netns, session.world, cast);
  if (ticket === undefined) return null;
  const { flow } = ticket;
  const longest = Math.max(
    ...[ticket.original, ticket.reply].map(([a, b]) => a.text.length + b.text.length + 3),
  );
  return (
    <div
      className={longest > ROOMY ? "board-ticket is-long" : "board-ticket"}
      role="group"
      aria-label={say("ticket.label", { place: name })}
    >
      <div className="board-ticket-title">
        {say("ticket.title", { protocol: flow.protocol })} <b>{flow.state}</b>
        {flow.unconfirmed && <i>{say("ticket.new")}</i>}
      </div>
      <Line word={say("ticket.original")} ends={ticket.original} isHere={!flow.isReply} />
      <Line word={say("ticket.reply")} ends={ticket.reply} isHere={flow.isReply} />
      {ticket.nat !== undefined && <Nat nat={ticket.nat} />}
    </div>
  );
});

function Line({
  word,
  ends,
  isHere,
}: {
  readonly word: string;
  readonly ends: readonly [TicketEnd, TicketEnd];
  readonly isHere: boolean;
}) {
  const [from, to] = ends;
  return (
    <div className={`board-ticket-line ${isHere ? "is-here" : ""}`}>
      <span>{word}</span>
      <code>
        <End end={from} /> → <End end={to} />
      </code>
    </div>
  );
}

function End({ end }: { readonly end: TicketEnd }) {
  return end.stamped ? <mark>{end.text}</mark> : <>{end.text}</>;
}

function Nat({ nat }: { readonly nat: NonNullable<Ticket["nat"]> }) {
  const say = useSay();
  return (
    <div className="board-ticket-nat">
      <span>{say(nat.isBack ? "ticket.undo" : "ticket.nat")}</span>
      <code>
        <del>{nat.before}</del> → {nat.after}
      </code>
    </div>
  );
}
