import type { Fabric } from "../topology.ts";

/** The name under which a switch's place is kept. */
export function fabricKey({ label, bridge }: Fabric): string {
  const { name } = bridge.link;
  return label === "" || label === name ? name : `${label}/${name}`;
}

const BAR = { least: 260, port: 84 };

/** How wide a switch has to be for its plugs, in board units. */
export function barWidth(plugs: number): number {
  return Math.max(BAR.least, (plugs + 1) * BAR.port);
}
