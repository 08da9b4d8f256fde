import { Fragment } from "react";
import { useSay } from "../board-context.ts";
import { EntryField, EntryTools, useIsOpen } from "../watch/entries.tsx";
import type { TableRow, TableView } from "../model/tables.ts";

/** A kernel table; the row that decided is lit, rows just written carry a mark. */
export function TablePanel({
  table,
  hideEmpty = false,
}: {
  readonly table: TableView;
  readonly hideEmpty?: boolean;
}) {
  const say = useSay();
  const isOpen = useIsOpen();
  const kind = table.title.replace(/^table\./, "");
  if (hideEmpty && table.rows.length === 0 && table.entry === undefined) return null;
  return (
    <table className="ktable">
      <caption>
        {say(table.title, { of: table.of })}
        {table.entry !== undefined && <EntryTools name={table.entry} />}
        {table.entry !== undefined && <EntryField name={table.entry} />}
      </caption>
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
          <Fragment key={row.key}>
            <Row row={row} name={`${kind}/${row.key}`} />
            {isOpen(`${kind}/${row.key}`) && (
              <tr>
                <td colSpan={table.columns.length}>
                  <EntryField name={`${kind}/${row.key}`} />
                </td>
              </tr>
            )}
          </Fragment>
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

/** A cell that is too wide breaks behind a colon, a dot or a slash, never inside a number or a word. */
function Pieces({ text }: { readonly text: string }) {
  return text.split(/(?<=[:./])/).map((piece, i) => (
    <Fragment key={i}>
      {i > 0 && <wbr />}
      {piece}
    </Fragment>
  ));
}

/** Characters of a last cell that stays in one line with the buttons behind it. */
const SHORT = 12;

function Row({ row, name }: { readonly row: TableRow; readonly name: string }) {
  const say = useSay();
  return (
    <tr className={row.used ? "is-used" : ""} title={row.used ? say("inspector.used") : undefined}>
      {row.cells.map((cell, i) => (
        <td key={i} className={i === row.cells.length - 1 && cell.length <= SHORT ? "short" : undefined}>
          {i === row.cells.length - 1 && cell.length > SHORT && <EntryTools name={name} />}
          <Pieces text={cell} />
          {i === row.cells.length - 1 && cell.length <= SHORT && <EntryTools name={name} />}
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
  );
}
