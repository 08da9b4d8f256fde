import type { ComponentType } from "react";
import type { TextKey } from "../i18n/en.ts";

/** What a panel is told. */
export interface PanelProps {
  /** Whether it is the one in front: a panel behind keeps what it holds and stops what costs. */
  readonly active: boolean;
}

/** A tab at the foot of the page. Its code is fetched when it is first opened; from then on it stays. */
export interface PanelEntry {
  readonly id: string;
  readonly label: TextKey;
  readonly load: () => Promise<{ readonly default: ComponentType<PanelProps> }>;
}

/** The first panel, whose height follows what it shows; the others share a height that the reader sets. */
export const HOPS = "hops";

/** All tabs in their order. To add one: a line here, its label in `i18n`. */
export const PANELS: readonly PanelEntry[] = [
  { id: HOPS, label: "dock.hops", load: () => import("../timeline/Hops.tsx") },
  { id: "capture", label: "dock.capture", load: () => import("../capture/CapturePanel.tsx") },
  { id: "terminal", label: "dock.terminal", load: () => import("../terminal/TerminalPanel.tsx") },
  { id: "control", label: "dock.control", load: () => import("../control/ControlPanel.tsx") },
  { id: "compare", label: "dock.compare", load: () => import("../watch/ComparePanel.tsx") },
  { id: "paste", label: "dock.paste", load: () => import("../watch/PastePanel.tsx") },
  { id: "flows", label: "dock.flows", load: () => import("../watch/FlowsPanel.tsx") },
];
