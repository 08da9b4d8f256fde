import type { Draft } from "../../api/types.ts";
import { die } from "../problem.ts";
import type { Session } from "../session.ts";

type Spec = NonNullable<Draft<"Ingress">["spec"]>;
type Backend = NonNullable<Spec["defaultBackend"]>;
type Path = NonNullable<NonNullable<Spec["rules"]>[number]["http"]>["paths"][number];

const RULE =
  /^((?:\*\.)?[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)?(\/[^=]*)=([a-z0-9](?:[-a-z0-9]*[a-z0-9])?):([A-Za-z0-9-]+)(,tls(?:=([-a-z0-9.]+))?)?$/;
const BACKEND = /^([a-z0-9](?:[-a-z0-9]*[a-z0-9])?):([A-Za-z0-9-]+)$/;

function backendOf(name: string, port: string): Backend {
  return { service: { name, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } };
}

/** `kubectl create ingress NAME --rule=host/path=service:port[,tls[=secret]]`. Models: create_ingress.go. */
export function ingressDraft(session: Session, name: string): Draft<"Ingress"> {
  const { args, namespace } = session;
  const rules = new Map<string, Path[]>();
  const tls: { hosts?: string[]; secretName?: string }[] = [];
  const otherwise = args.text("default-backend");
  const given = args.list("rule");
  if (given.length === 0 && otherwise === undefined)
    die(
      "not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)",
    );
  for (const rule of given) {
    const [, host = "", path = "", service = "", port = "", secured, secretName] =
      RULE.exec(rule) ??
      die(`rule ${rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`);
    const prefix = path.endsWith("*");
    const paths = rules.get(host) ?? [];
    paths.push({
      path: prefix ? path.slice(0, -1) : path,
      pathType: prefix ? "Prefix" : "Exact",
      backend: backendOf(service, port),
    });
    rules.set(host, paths);
    if (secured === undefined) continue;
    const known = tls.find((entry) => entry.secretName === secretName);
    const hosts = host === "" ? [] : [host];
    if (known === undefined) tls.push({ hosts, ...(secretName === undefined ? {} : { secretName }) });
    else known.hosts = [...new Set([...(known.hosts ?? []), ...hosts])];
  }
  const fallback = otherwise === undefined ? undefined : BACKEND.exec(otherwise);
  if (fallback === null) die("default-backend should be in format servicename:serviceport");
  const annotations = Object.fromEntries(
    args.list("annotation").map((pair) => {
      const at = pair.indexOf("=");
      return at < 0
        ? die(`annotation ${pair} is invalid and should be in format key=[value]`)
        : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
  const ingressClassName = args.text("class");
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name, namespace, ...(Object.keys(annotations).length > 0 && { annotations }) },
    spec: {
      ...(ingressClassName === undefined ? {} : { ingressClassName }),
      ...(fallback === undefined ? {} : { defaultBackend: backendOf(fallback[1] ?? "", fallback[2] ?? "") }),
      ...(tls.length > 0 && { tls }),
      ...(rules.size > 0 && {
        rules: [...rules].map(([host, paths]) => ({ ...(host !== "" && { host }), http: { paths } })),
      }),
    },
  };
}
