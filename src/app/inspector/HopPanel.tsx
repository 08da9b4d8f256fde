import "../styles/story.css";
import { useBoard, useSay } from "../board-context.ts";
import { authorKey, detailKey } from "../model/author.ts";
import type { Cast } from "../model/cast.ts";
import { copiesAt } from "../model/copies.ts";
import { explainHop, outline } from "../model/explain/explain.ts";
import type { Explanation } from "../model/explain/phrase.ts";
import { viewFrame } from "../model/frame.ts";
import type { Hop } from "../model/hops.ts";
import { newSince, type Story } from "../model/story.ts";
import type { WorldState } from "../model/world.ts";
import { Sentence } from "../Sentence.tsx";
import { Command } from "./Command.tsx";
import { FramePanel } from "./FramePanel.tsx";
import { FlowTicket, RuleList } from "./NetfilterPanel.tsx";
import { TablePanel } from "./TablePanel.tsx";

/** Virtual nanoseconds as people read them. */
export function formatTime(nanos: number): string {
  if (nanos < 1_000) return `${nanos} ns`;
  if (nanos < 1_000_000) return `${(nanos / 1_000).toFixed(nanos < 10_000 ? 1 : 0)} µs`;
  return `${(nanos / 1_000_000).toFixed(nanos < 10_000_000 ? 2 : 1)} ms`;
}

/** A switch by its own name: to whom a frame is a switch's does not matter. */
function placeOf(hop: Hop, cast: Cast): string {
  const place = cast.place(hop.netns);
  return place?.kind === "switch" && cast.isSwitching(hop) ? place.name : cast.name(hop.netns);
}

interface Props {
  readonly hop: Hop;
  readonly story: Story;
  readonly world: WorldState;
  readonly cast: Cast;
}

/** This hop: where and when, what, why, by which entry, and the frame. */
export default function HopPanel({ hop, story, world, cast }: Props) {
  const say = useSay();
  // The world's cursor follows the store's: asked again whenever that moves.
  useBoard((board) => board.cursor);
  const explanation = explainHop(hop, world, cast, newSince(story, hop.number));
  const frame = viewFrame(hop.steps.at(-1) ?? hop.lead);
  const start = story.steps[0]?.anchor.time ?? 0;
  const where = say("inspector.where", {
    number: hop.number + 1,
    total: story.hops.length,
    place: placeOf(hop, cast),
    time: formatTime(hop.lead.anchor.time - start),
  });
  return (
    <article className="hop">
      <p className="hop-where">{where}</p>
      <h2>
        <Sentence phrase={explanation.headline} plain />
      </h2>
      <div className={`hop-why tone-${hop.tone}`}>
        {explanation.reason.map((reason) => (
          <p key={reason.key}>
            <Sentence phrase={reason} />
          </p>
        ))}
      </div>
      {explanation.advice !== undefined && (
        <p className="hop-advice">
          <strong>{say("inspector.try")}: </strong>
          <Sentence phrase={explanation.advice} />
        </p>
      )}
      <Copies hop={hop} story={story} cast={cast} />
      <Decision explanation={explanation} />
      {hop.steps.length > 1 && (
        <details className="hop-steps">
          <summary>{say("inspector.steps")}</summary>
          <ol>
            {outline(hop, world, cast).map((line, i) => (
              <li key={i}>
                <Sentence phrase={line} />
              </li>
            ))}
          </ol>
        </details>
      )}
      {frame !== undefined && <FramePanel frame={frame} />}
    </article>
  );
}

/** A broadcast in a large cluster has a copy for every node. */
const SHOWN_COPIES = 12;

/** What left the packet here or before, and where each of them is. */
function Copies({ hop, story, cast }: Pick<Props, "hop" | "story" | "cast">) {
  const say = useSay();
  const moves = copiesAt(story.copies, story.hops, hop.number);
  const [first] = moves;
  if (first === undefined) return null;
  const isSwitch = (netns: number): boolean => cast.place(netns)?.kind === "switch";
  const title = first.copy.kind === "fragment" ? "copy.title.fragment" : "copy.title";
  return (
    <section className="hop-copies">
      <h3>{say(title, { count: moves.length })}</h3>
      <ul>
        {moves.slice(0, SHOWN_COPIES).map(({ copy, isOver }) => {
          const fate = isOver ? copy.fate : "going";
          return (
            <li key={copy.born} className={`copy-${fate}`}>
              {say(`copy.${fate}`, {
                place: isSwitch(copy.netns) ? say("node.switch.title") : cast.name(copy.netns),
                reason: copy.reason,
              })}
            </li>
          );
        })}
        {moves.length > SHOWN_COPIES && <li>{say("copy.more", { count: moves.length - SHOWN_COPIES })}</li>}
      </ul>
    </section>
  );
}

/** The entry that decided, who made it, and the commands around it. */
function Decision({ explanation }: { readonly explanation: Explanation }) {
  const say = useSay();
  const { table, install, check, checks = [], rules = [], flow } = explanation;
  const used = table?.rows.find((row) => row.used);
  const [author, why] = [authorKey(used?.actor ?? ""), detailKey(used?.detail ?? "")];
  return (
    <>
      {table !== undefined && <TablePanel table={table} />}
      {used !== undefined && used.actor !== "" && (
        <p className="hop-actor">
          {say(used.detail === "" ? "inspector.installed" : "inspector.installedWhy", {
            actor: author === undefined ? used.actor : say(author),
            detail: why === undefined ? used.detail : say(why),
          })}
        </p>
      )}
      {rules.length > 0 && <RuleList rules={rules} />}
      {flow !== undefined && <FlowTicket flow={flow} />}
      {install !== undefined && <Command label={say("inspector.install")} command={install} />}
      {[...(check === undefined ? [] : [check]), ...checks].map((command) => (
        <Command key={command} label={say("inspector.check")} command={command} />
      ))}
    </>
  );
}
