import type { Layer } from "../../wire/dissect.ts";

/** Source and destination of a packet of either IP. */

export type Side = "src" | "dst";

/** The value of a field in these headers. */
export function fieldIn(layers: readonly Layer[], name: string): string | undefined {
  for (const layer of layers) for (const field of layer.fields) if (field.name === name) return field.value;
  return undefined;
}

/** The address of one side of the outermost packet in these headers. */
export function addressIn(layers: readonly Layer[], side: Side): string | undefined {
  const ip = layers.find(({ protocol }) => protocol === "ipv4" || protocol === "ipv6");
  return ip?.fields.find(({ name }) => name === `${ip.protocol}.${side}`)?.value;
}

/** Whether the outermost packet is one of IPv6. */
export function isIpv6(layers: readonly Layer[]): boolean {
  return layers.find(({ protocol }) => protocol === "ipv4" || protocol === "ipv6")?.protocol === "ipv6";
}

/** `10.96.0.10:53`, `[fd00::a]:53`: RFC 3986's brackets keep the port apart. */
export function endText(address: string, port: string | number | undefined): string {
  if (port === undefined || port === "") return address;
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/** The address and the port of such a text; "" for no port. */
export function splitEnd(text: string): { readonly address: string; readonly port: string } {
  const [, six, port6 = ""] = /^\[(.*)\](?::(\d*))?$/.exec(text) ?? [];
  if (six !== undefined) return { address: six, port: port6 };
  if (text.split(":").length > 2) return { address: text, port: "" };
  const [address = "", port = ""] = text.split(":");
  return { address, port };
}

/** One side with its port, as people write it. */
export function endIn(layers: readonly Layer[], side: Side): string | undefined {
  const address = addressIn(layers, side);
  const port = fieldIn(layers, `tcp.${side}port`) ?? fieldIn(layers, `udp.${side}port`);
  return address === undefined ? undefined : endText(address, port);
}
