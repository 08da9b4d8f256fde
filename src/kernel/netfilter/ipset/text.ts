import { formatIpv4 } from "../../../wire/address.ts";
import { formatIpv6 } from "../../../wire/address6.ts";
import type { IpsetElement, IpsetPart } from "../../uapi/ipset.ts";

/** An element for the journal: `10.0.0.1,6:80`, `10.1.0.0/16`. Tools write protocols by name. */
export function elementText(element: IpsetElement): string {
  return element.parts.map(partText).join(",");
}

function partText(part: IpsetPart): string {
  switch (part.kind) {
    case "set":
      return part.name;
    case "port":
      return `${part.protocol}:${part.port}`;
    case "address":
    case "net": {
      const { address } = part;
      const text = typeof address === "number" ? formatIpv4(address) : formatIpv6(address);
      return part.kind === "net" ? `${text}/${part.length}` : text;
    }
  }
}
