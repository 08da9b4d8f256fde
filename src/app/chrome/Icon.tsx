/** Shapes of the page's own signs, drawn: no typeface has them all. 16 by 16. */
const SHAPES = {
  undo: "M6 3 2 7l4 4M2 7h7a4 4 0 0 1 0 8H7",
  redo: "m10 3 4 4-4 4m4-4H7a4 4 0 0 0 0 8h2",
  reset: "M3 8a5 5 0 1 0 2-4M5 1v3.500h3.500",
  grid: "M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z",
  share: "M8 10V2M5 4.500 8 1.500l3 3M3 8v6h10V8",
  present: "M1.500 2.500h13v8h-13zM8 10.500V14M5 14h6",
  search: "M7 2a5 5 0 1 1 0 10A5 5 0 0 1 7 2Zm3.700 8.700L14.500 14.500",
  plus: "M8 2.500v11M2.500 8h11",
  menu: "M2 4h12M2 8h12M2 12h12",
} as const;

export function Icon({ name }: { readonly name: keyof typeof SHAPES }) {
  return (
    <svg className="icon-line" viewBox="0 0 16 16" aria-hidden="true">
      <path d={SHAPES[name]} />
    </svg>
  );
}
