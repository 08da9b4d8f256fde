import { lazy, Suspense } from "react";
import { useBoard, useSay } from "../board-context.ts";
import { storyParts } from "../story-parts.ts";

const Tracks = lazy(storyParts.tracks);
const PredictBar = lazy(storyParts.predict);

/** The packet's walk, or what will be there once a packet is sent. */
export default function Hops() {
  const say = useSay();
  const hasStory = useBoard((board) => board.story !== undefined);
  const predicts = useBoard((board) => board.predict !== undefined);
  if (!hasStory) return <p className="hint">{say("timeline.empty")}</p>;
  return (
    <Suspense>
      {predicts && <PredictBar />}
      <Tracks />
    </Suspense>
  );
}
