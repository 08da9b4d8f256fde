import { useBoard } from "../board-context.ts";
import { useTitle } from "../desk-context.ts";
import { explainHop } from "../model/explain/explain.ts";
import { newSince } from "../model/story.ts";
import { Sentence } from "../Sentence.tsx";

/** What the closed sheet of a narrow screen says: the hop's headline. */
export default function SheetLine() {
  const title = useTitle();
  const story = useBoard((board) => board.story);
  const cursor = useBoard((board) => board.cursor);
  const session = useBoard((board) => board.session);
  const cast = useBoard((board) => board.cast);
  const hop = story?.hops[cursor];
  if (story === undefined || session === undefined || cast === undefined || hop === undefined) return title;
  return <Sentence phrase={explainHop(hop, session.world, cast, newSince(story, cursor)).headline} plain />;
}
