import "../styles/story.css";
import { useBoard, useSay } from "../board-context.ts";
import { explainHop } from "../model/explain/explain.ts";
import { newSince } from "../model/story.ts";
import { Sentence } from "../Sentence.tsx";

/** Over the board when the packet under the cursor is lost: where, by what, and what to try. */
export default function LostBanner() {
  const say = useSay();
  const story = useBoard((board) => board.story);
  const cursor = useBoard((board) => board.cursor);
  const session = useBoard((board) => board.session);
  const cast = useBoard((board) => board.cast);
  const hop = story?.hops[cursor];
  if (story === undefined || session === undefined || cast === undefined || hop?.tone !== "drop") return null;
  const { anchor } = hop.lead;
  if (anchor.kind !== "drop") return null;
  const { rules, advice, policy } = explainHop(hop, session.world, cast, newSince(story, cursor));
  const rule = rules?.at(-1);
  return (
    <div className="lost" role="alert">
      <span className="lost-cross" aria-hidden="true">
        ✕
      </span>
      <div>
        <strong>{say("lost.title", { place: cast.name(hop.netns) })}</strong>{" "}
        <span>
          {policy !== undefined && rule !== undefined
            ? say("lost.policy", { policy, number: rule.number, chain: rule.chain })
            : rule === undefined
              ? say("lost.reason", { reason: anchor.reason, where: anchor.where })
              : say("lost.rule", { number: rule.number, chain: rule.chain, text: rule.text })}
        </span>
        {advice !== undefined && (
          <p>
            <strong>{say("inspector.try")}: </strong>
            <Sentence phrase={advice} />
          </p>
        )}
      </div>
    </div>
  );
}
