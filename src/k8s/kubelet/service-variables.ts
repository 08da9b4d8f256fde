import type { Service } from "../api/index.ts";
import type { DownwardContext } from "./downward.ts";

/** `redis-master` to `REDIS_MASTER`. */
const variableName = (name: string): string => name.toUpperCase().replaceAll("-", "_");

/** {NAME}_SERVICE_HOST and what Docker's links once gave. Models: pkg/kubelet/envvars FromServices. */
function variablesOf({ metadata, spec }: Service): (readonly [string, string])[] {
  const { clusterIP = "", ports = [] } = spec;
  const prefix = variableName(metadata.name);
  const [first] = ports;
  if (first === undefined) return [];
  const url = (port: (typeof ports)[number]): string =>
    `${(port.protocol ?? "TCP").toLowerCase()}://${clusterIP}:${port.port}`;
  return [
    [`${prefix}_SERVICE_HOST`, clusterIP],
    [`${prefix}_SERVICE_PORT`, String(first.port)],
    ...ports.flatMap(({ name, port }): (readonly [string, string])[] =>
      name === undefined || name === ""
        ? []
        : [[`${prefix}_SERVICE_PORT_${variableName(name)}`, String(port)]],
    ),
    [`${prefix}_PORT`, url(first)],
    ...ports.flatMap((port): (readonly [string, string])[] => {
      const protocol = port.protocol ?? "TCP";
      const link = `${prefix}_PORT_${port.port}_${protocol}`;
      return [
        [link, url(port)],
        [`${link}_PROTO`, protocol.toLowerCase()],
        [`${link}_PORT`, String(port.port)],
        [`${link}_ADDR`, clusterIP],
      ];
    }),
  ];
}

/**
 * The variables that tell a pod of the Services of its namespace (unless enableServiceLinks is false), and always of
 * the API server's. Models: kubelet getServiceEnvVarMap.
 */
export function serviceVariables({ client, pod }: DownwardContext): readonly (readonly [string, string])[] {
  const namespace = pod.metadata.namespace ?? "default";
  const hasAddress = ({ spec }: Service): boolean =>
    spec.clusterIP !== undefined && spec.clusterIP !== "" && spec.clusterIP !== "None";
  const master = client.get("Service", "default", "kubernetes");
  const own = pod.spec.enableServiceLinks === false ? [] : client.list("Service", { namespace });
  const others = own.filter(
    (service) => service.metadata.uid !== master?.metadata.uid && hasAddress(service),
  );
  return [...(master === undefined ? [] : [master]), ...others].flatMap(variablesOf);
}
