import { useSay } from "../board-context.ts";
import { EntryButton } from "../watch/EntryButton.tsx";
import type { Break } from "../model/breaks.ts";
import type { TableView } from "../model/tables.ts";

/** A kernel table; the row that decided is lit, rows just written carry a mark. */
export function TablePanel({
  table,
  hideEmpty = false,
  entries,
}: {
  readonly table: TableView;
  readonly hideEmpty?: boolean;
  /** What can be done to its entries, by their names. */
  readonly entries?: ReadonlyMap<string, Break>;
}) {
  const say = useSay();
  const kind = table.title.replace(/^table\./, "");
  if (hideEmpty && table.rows.length === 0) return null;
  return (
    <table className="ktable">
      <caption>{say(table.title, { of: table.of })}</caption>
      <thead>
        <tr>
          {table.columns.map((column) => (
            <th key={column} scope="col">
              {say(column)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {table.rows.map((row) => (
          <tr
            key={row.key}
            className={row.used ? "is-used" : ""}
            title={row.used ? say("inspector.used") : undefined}
          >
            {row.cells.map((cell, i) => (
              <td key={i}>
                {cell}
                {i === row.cells.length - 1 && <EntryButton one={entries?.get(`${kind}/${row.key}`)} />}
                {i === 0 && row.changed && (
                  <span
                    className="changed"
                    role="img"
                    aria-label={say("inspector.changed")}
                    title={say("inspector.changed")}
                  >
                    ●
                  </span>
                )}
              </td>
            ))}
          </tr>
        ))}
        {table.rows.length === 0 && (
          <tr>
            <td colSpan={table.columns.length} className="none">
              {say("inspector.none")}
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
