import { useEffect } from "react";
import { useDesk } from "../desk-context.ts";
import type { Desk } from "./desk.ts";

/** Opens a file that the reader chose or dropped; one that cannot be read leaves everything as it is. */
export async function openFile(desk: Desk, file: Blob): Promise<void> {
  const [{ readScenarioFile }, { problemPhrase }] = await Promise.all([
    import("./file.ts"),
    import("./problem.ts"),
  ]);
  const read = await readScenarioFile(file);
  if (read.ok) desk.openFile(read.value);
  else desk.document.tell(problemPhrase(read.error, "file"));
}

/** A scenario's file may be dropped anywhere on the page. */
export function useFileDrop(): void {
  const desk = useDesk();
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes("Files") === true) event.preventDefault();
    };
    const drop = (event: DragEvent): void => {
      const file = event.dataTransfer?.files[0];
      if (file === undefined) return;
      event.preventDefault();
      void openFile(desk, file);
    };
    window.addEventListener("dragover", over);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", over);
      window.removeEventListener("drop", drop);
    };
  }, [desk]);
}
