import { compareText } from "../../../formats/json.ts";
import { tabWrite } from "../../../formats/tabwriter.ts";
import type { ApiEvent } from "../../api/index.ts";
import { age } from "../../api/time.ts";
import type { Nanos } from "../../../sim/time.ts";

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const LONGEST_ANNOTATION = 140;

/** The text of `kubectl describe`, line by line. Models: kubectl/pkg/describe PrefixWriter and its helpers. */
export class Sheet {
  private text = "";

  /** One line, `level` steps of two spaces in; cells are separated by tabs. */
  line(level: number, ...cells: readonly (string | number)[]): void {
    this.text += `${"  ".repeat(level)}${cells.join("\t")}\n`;
  }

  /** `Title:  value`, or `Title:  <none>` when the value is empty. */
  field(level: number, title: string, value: string | number | undefined): void {
    this.line(level, `${title}:`, value === undefined || value === "" ? "<none>" : value);
  }

  /** A title and values below each other, the first beside the title. */
  values(level: number, title: string, values: readonly string[]): void {
    for (const [i, value] of (values.length === 0 ? ["<none>"] : values).entries()) {
      if (i === 0) this.line(level, `${title}:`, value);
      else this.line(0, "", value);
    }
  }

  labels(level: number, title: string, labels: Readonly<Record<string, string>> | undefined): void {
    this.values(
      level,
      title,
      pairs(labels).map(([key, value]) => `${key}=${value}`),
    );
  }

  annotations(level: number, title: string, annotations: Readonly<Record<string, string>> | undefined): void {
    const lines = pairs(annotations)
      .filter(([key]) => key !== LAST_APPLIED)
      .flatMap(([key, raw]) => {
        const value = raw.replace(/\n$/, "");
        const long = value.length + key.length + 2 > LONGEST_ANNOTATION || value.includes("\n");
        if (!long) return [`${key}: ${value}`];
        return [`${key}:`, ...value.split("\n").map((part) => `  ${shorten(part, LONGEST_ANNOTATION - 2)}`)];
      });
    this.values(level, title, lines);
  }

  events(events: readonly ApiEvent[], now: Nanos): void {
    if (events.length === 0) {
      this.line(0, "Events:", "<none>");
      return;
    }
    // What stood above is laid out by itself.
    this.text = tabWrite(this.text, LAYOUT);
    this.line(0, "Events:");
    this.line(1, "Type", "Reason", "Age", "From", "Message");
    this.line(1, "----", "------", "----", "----", "-------");
    for (const event of events) {
      const first = age(event.firstTimestamp, now);
      const { count = 1 } = event;
      const when = count > 1 ? `${age(event.lastTimestamp, now)} (x${count} over ${first})` : first;
      const { fieldPath = "" } = event.involvedObject;
      const message = (event.message ?? "").trim();
      this.line(
        1,
        event.type ?? "",
        event.reason ?? "",
        when,
        event.source?.component ?? event.reportingComponent ?? "",
        fieldPath === "" ? message : `${fieldPath}: ${message}`,
      );
    }
  }

  toString(): string {
    return tabWrite(this.text, LAYOUT);
  }
}

const LAYOUT = { minWidth: 0, padding: 2 } as const;

export function pairs(
  map: Readonly<Record<string, string>> | undefined,
): readonly (readonly [string, string])[] {
  return Object.entries(map ?? {}).toSorted(([a], [b]) => compareText(a, b));
}

function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}...` : text;
}
