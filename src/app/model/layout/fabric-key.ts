import type { Fabric } from "../topology.ts";

/** The name under which a switch's place is kept. */
export function fabricKey({ label, bridge }: Fabric): string {
  const { name } = bridge.link;
  return label === "" || label === name ? name : `${label}/${name}`;
}
