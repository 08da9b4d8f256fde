import { enFar } from "./en-far.ts";
import { enEdit } from "./en-edit.ts";
import { enNet } from "./en-net.ts";
import { enShare } from "./en-share.ts";
import { enStory } from "./en-story.ts";
import { enTools } from "./en-tools.ts";
import { enWatch } from "./en-watch.ts";
import { enWhy } from "./en-why.ts";

/** Words that nobody sees before a packet is sent or something is changed: fetched when they are first asked for. */
export const enLate = {
  ...enStory,
  ...enNet,
  ...enShare,
  ...enWhy,
  ...enEdit,
  ...enFar,
  ...enTools,
  ...enWatch,
};
