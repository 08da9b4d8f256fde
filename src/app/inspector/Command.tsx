import { useEffect, useState } from "react";
import { useSay } from "../board-context.ts";

/** A command to take away. */
export function Command({ label, command }: { readonly label: string; readonly command: string }) {
  const say = useSay();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = (): void => {
    navigator.clipboard.writeText(command).then(
      () => setCopied(true),
      () => undefined,
    );
  };
  return (
    <div className="command">
      <span className="command-label">{label}</span>
      <code>{command}</code>
      <button type="button" onClick={copy} aria-label={`${say("inspector.copy")}: ${command}`}>
        {say(copied ? "inspector.copied" : "inspector.copy")}
      </button>
    </div>
  );
}
