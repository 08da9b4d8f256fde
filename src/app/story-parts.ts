import { loadLateWords } from "./i18n/text.ts";

/**
 * What is needed from the first packet on: how it is read, explained and drawn. Fetched when one is sent, so that the page
 * itself stays small.
 */
export const storyParts = {
  story: () => import("./model/story.ts"),
  tracks: () => import("./timeline/Tracks.tsx"),
  ticket: () => import("./board/TicketNode.tsx"),
  predict: () => import("./watch/PredictBar.tsx"),
  traffic: () => import("./watch/TrafficLayer.tsx"),
  services: () => import("./board/ServiceLabels.tsx"),
  overlay: () => import("./board/Overlay.tsx"),
  sheet: () => import("./inspector/SheetLine.tsx"),
  hop: () => import("./inspector/HopPanel.tsx"),
  device: () => import("./inspector/DevicePanel.tsx"),
  lost: () => import("./chrome/LostBanner.tsx"),
};

export type StoryModule = Awaited<ReturnType<typeof storyParts.story>>;

/** Fetches all of it. */
export async function loadStory(): Promise<StoryModule> {
  const { story, ...parts } = storyParts;
  const [module] = await Promise.all([
    story(),
    loadLateWords(),
    ...Object.values(parts).map((part) => part()),
  ]);
  return module;
}
