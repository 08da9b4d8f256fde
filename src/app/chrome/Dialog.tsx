import "../styles/dialog.css";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { useSay } from "../board-context.ts";

/** A window over the page, as long as it is there; Escape and its button close it. What is marked `data-first` has the focus. */
export function Dialog({
  title,
  className = "",
  onClose,
  children,
}: {
  readonly title: string;
  readonly className?: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const say = useSay();
  const id = useId();
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (box.current?.open !== false) return;
    box.current.showModal();
    box.current.querySelector<HTMLElement>("[data-first]")?.focus();
  }, []);
  return (
    <dialog ref={box} className={`dialog ${className}`} aria-labelledby={id} onClose={onClose}>
      <div className="legend-head">
        <h2 id={id}>{title}</h2>
        <button type="button" onClick={() => box.current?.close()}>
          {say("app.close")}
        </button>
      </div>
      {children}
    </dialog>
  );
}
