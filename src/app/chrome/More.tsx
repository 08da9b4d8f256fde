import { type ReactNode, useEffect, useId, useRef, useState } from "react";

/** On a narrow screen a button that shows the rest of a row; on a wide one just the row itself. */
export function More({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const away = (event: PointerEvent): void => {
      if (event.target instanceof Node && box.current?.contains(event.target) === false) setOpen(false);
    };
    window.addEventListener("pointerdown", away);
    return () => window.removeEventListener("pointerdown", away);
  }, [open]);
  const onKey = (event: React.KeyboardEvent): void => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    setOpen(false);
    box.current?.querySelector<HTMLElement>(".more-toggle")?.focus();
  };
  return (
    <span ref={box} className={`more ${open ? "is-open" : ""}`} onKeyDown={onKey}>
      <button
        type="button"
        className="more-toggle"
        aria-label={label}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <span aria-hidden="true">⋯</span>
      </button>
      <span id={id} className="more-items">
        {children}
      </span>
    </span>
  );
}
