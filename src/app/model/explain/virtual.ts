import { serverTable, virtualServer } from "../virtual.ts";
import { commandAt, type Context, question } from "./context.ts";
import { type Explanation, phrase, type Phrase } from "./phrase.ts";

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
  const told = { ...values, scheduler: server.scheduler, name: server.name };
  return {
    headline: phrase(isThere ? "ipvs.there" : "ipvs.back", told),
    reason: [phrase(isThere ? "ipvs.there.why" : "ipvs.back.why", told)],
    table: serverTable(question(c, real), server),
    install: `ipvsadm -a ${server.option} -r ${real} ${chosen.flag} -w ${chosen.weight}`,
    check: commandAt(c, c.step.netns, `ipvsadm -Ln ${server.option}`),
  };
}
