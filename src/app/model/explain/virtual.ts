import { serverTable, virtualServer } from "../virtual.ts";
import { commandAt, type Context, question } from "./context.ts";
import { type Explanation, phrase, type Phrase } from "./phrase.ts";

/** The device of this namespace that an address belongs to. */
export function addressOwner({ world, step }: Context, address: string): number | undefined {
  return world.rows("address", step.netns).find(({ row }) => row.local === address)?.row.dev;
}

/** kube-proxy's dummy device holds the Services' addresses, so that their packets come up to IPVS. */
export function isServiceAddress(c: Context, dst: string): boolean {
  const owner = addressOwner(c, dst);
  if (owner === undefined) return false;
  const { netns } = c.step;
  return (
    (c.world.row("link", netns, String(owner))?.row.name ?? c.cast.deviceName(netns, owner)) === "kube-ipvs0"
  );
}

/** IPVS changed an end of the packet: no rule of netfilter did, and one of its virtual services has the address. */
export function explainVirtual(
  c: Context,
  side: "src" | "dst",
  values: Phrase["values"] & { readonly before: string; readonly after: string },
): Pick<Explanation, "headline" | "reason" | "table" | "install" | "check"> | undefined {
  const isThere = side === "dst";
  const [virtual, real] = isThere ? [values.before, values.after] : [values.after, values.before];
  const server = virtualServer(c.world, c.step.netns, virtual);
  const chosen = server?.servers.find(({ end }) => end === real);
  if (server === undefined || chosen === undefined) return undefined;
  const address = virtual.replace(/:\d+$/, "");
  const told = { ...values, scheduler: server.scheduler, name: server.name, address };
  const there = isServiceAddress(c, address) ? "ipvs.there.why" : "ipvs.there.typed.why";
  return {
    headline: phrase(isThere ? "ipvs.there" : "ipvs.back", told),
    reason: [phrase(isThere ? there : "ipvs.back.why", told)],
    table: serverTable(question(c, real), server),
    install: `ipvsadm -a ${server.option} -r ${real} ${chosen.flag} -w ${chosen.weight}`,
    check: commandAt(c, c.step.netns, `ipvsadm -Ln ${server.option}`),
  };
}
