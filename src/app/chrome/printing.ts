import { useEffect } from "react";
import { useBoard, useBoardStore } from "../board-context.ts";
import { useDesk } from "../desk-context.ts";

/** Paper gets a sheet of its own. What makes it has to be here before somebody prints: a browser does not wait for it. */
export function usePrinting(): void {
  const store = useBoardStore();
  const desk = useDesk();
  const isReady = useBoard(({ phase }) => phase.kind === "ready");
  useEffect(() => {
    if (!isReady) return undefined;
    let isOver = false;
    let stop: (() => void) | undefined;
    // Without it the page itself is printed.
    import("../export/print.ts").then(
      ({ preparePrinting }) => {
        if (!isOver) stop = preparePrinting(store, desk);
      },
      () => undefined,
    );
    return () => {
      isOver = true;
      stop?.();
    };
  }, [store, desk, isReady]);
}
