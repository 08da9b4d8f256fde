import { err, ok } from "../../../base/result.ts";
import {
  type ApiResult,
  type FieldError,
  invalid,
  invalidField,
  requiredField,
  unsupportedField,
} from "../errors.ts";
import type { Draft, Service, ServicePort } from "../types.ts";
import { nameProblems } from "./names.ts";
import { portProblems } from "./pod-validate.ts";
import { serviceProblems, withoutLeftovers } from "./service-rules.ts";
import type { Registry, Strategy } from "./strategy.ts";

type Spec = Service["spec"];

function opensNodePorts(spec: Spec): boolean {
  return (
    spec.type === "NodePort" || (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false)
  );
}

/** Models: pkg/apis/core/v1/defaults.go SetDefaults_Service. */
function withDefaults(spec: Spec): Spec {
  const type = spec.type ?? "ClusterIP";
  const external = type === "NodePort" || type === "LoadBalancer";
  const ports = spec.ports?.map((port): ServicePort => ({
    ...port,
    protocol: port.protocol ?? "TCP",
    targetPort: port.targetPort ?? port.port,
  }));
  return {
    ...spec,
    type,
    ...(ports === undefined ? {} : { ports }),
    sessionAffinity: spec.sessionAffinity ?? "None",
    ...(spec.sessionAffinity === "ClientIP" && spec.sessionAffinityConfig === undefined
      ? { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } } }
      : {}),
    ...(type === "ExternalName"
      ? {}
      : {
          internalTrafficPolicy: spec.internalTrafficPolicy ?? "Cluster",
          ipFamilies: ["IPv4"],
          ipFamilyPolicy: "SingleStack",
        }),
    ...(external ? { externalTrafficPolicy: spec.externalTrafficPolicy ?? "Cluster" } : {}),
    ...(type === "LoadBalancer"
      ? { allocateLoadBalancerNodePorts: spec.allocateLoadBalancerNodePorts ?? true }
      : {}),
  };
}

/** Gives the Service its addresses: `held` is what it has already. */
function allocate(name: string, spec: Spec, held: Spec | undefined, registry: Registry): ApiResult<Spec> {
  if (spec.type === "ExternalName") return ok(spec);
  const address = clusterAddress(spec, held, registry);
  if (!address.ok) return invalid("Service", "", name, [address.error]);
  const withAddress = { ...spec, clusterIP: address.value, clusterIPs: [address.value] };
  if (!opensNodePorts(spec)) {
    const ports = spec.ports?.map(({ nodePort: _, ...port }) => port);
    return ok({ ...withAddress, ...(ports === undefined ? {} : { ports }) });
  }
  const ports = nodePorts(spec, held, registry);
  if (!ports.ok) return invalid("Service", "", name, [ports.error]);
  return ok(healthChecked({ ...withAddress, ports: ports.value }, held, registry));
}

/** A load balancer whose policy is Local must learn which nodes have a server: from a port of its own on each. */
function healthChecked(spec: Spec, held: Spec | undefined, { services, random }: Registry): Spec {
  const { healthCheckNodePort: asked, ...rest } = spec;
  if (spec.type !== "LoadBalancer" || spec.externalTrafficPolicy !== "Local") return rest;
  const given = new Set(spec.ports?.map(({ nodePort = 0 }) => nodePort));
  const port = asked ?? held?.healthCheckNodePort ?? services.freePort(random, given);
  return port === undefined ? rest : { ...rest, healthCheckNodePort: port };
}

type Field<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: FieldError };

function clusterAddress(spec: Spec, held: Spec | undefined, { services, random }: Registry): Field<string> {
  const asked = spec.clusterIP ?? spec.clusterIPs?.[0] ?? held?.clusterIP ?? "";
  if (asked === "None") return ok(asked);
  if (asked !== "" && asked === held?.clusterIP) return ok(asked);
  const path = "spec.clusterIPs";
  if (held?.clusterIP !== undefined && held.type !== "ExternalName") {
    return err(invalidField(`${path}[0]`, [asked], "may not change once set"));
  }
  if (asked === "") {
    const free = services.freeAddress(random);
    return free === undefined
      ? err({ path, problem: `Internal error: failed to allocate a serviceIP: range is full` })
      : ok(free);
  }
  const refuse = (why: string): Field<string> =>
    err(invalidField(path, [asked], `failed to allocate IP ${asked}: ${why}`));
  if (!services.contains(asked)) {
    return refuse("the provided network does not match the current range");
  }
  return services.addressTaken(asked) ? refuse("provided IP is already allocated") : ok(asked);
}

function nodePorts(
  spec: Spec,
  held: Spec | undefined,
  { services, random }: Registry,
): Field<readonly ServicePort[]> {
  const own = new Set(held?.ports?.flatMap(({ nodePort }) => (nodePort === undefined ? [] : [nodePort])));
  const given = new Set<number>();
  const out: ServicePort[] = [];
  for (const [i, port] of (spec.ports ?? []).entries()) {
    const before = held?.ports?.find((p) => p.port === port.port && p.protocol === port.protocol)?.nodePort;
    const asked = port.nodePort ?? before;
    if (asked !== undefined && !own.has(asked)) {
      const path = `spec.ports[${i}].nodePort`;
      const { first, last } = services.nodePorts;
      if (asked < first || asked > last) {
        const why = `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
        return err(invalidField(path, asked, why));
      }
      if (services.portTaken(asked))
        return err(invalidField(path, asked, "provided port is already allocated"));
    }
    const nodePort = asked ?? services.freePort(random, given);
    if (nodePort === undefined) {
      return err({
        path: "spec.ports",
        problem: "Internal error: failed to allocate a nodePort: range is full",
      });
    }
    given.add(nodePort);
    out.push({ ...port, nodePort });
  }
  return ok(out);
}

function portListProblems(spec: Spec): FieldError[] {
  const { ports = [] } = spec;
  if (ports.length === 0) {
    return spec.type === "ExternalName" || spec.clusterIP === "None" ? [] : [requiredField("spec.ports")];
  }
  const names = new Set<string>();
  return ports.flatMap((port, i) => {
    const path = `spec.ports[${i}]`;
    const name = port.name ?? "";
    const duplicate = names.has(name);
    names.add(name);
    return [
      ...(name === ""
        ? ports.length > 1
          ? [requiredField(`${path}.name`)]
          : []
        : nameProblems(`${path}.name`, name, "label")),
      ...(duplicate && name !== "" ? [{ path: `${path}.name`, problem: `Duplicate value: "${name}"` }] : []),
      ...portProblems(`${path}.port`, port.port),
      ...(typeof port.targetPort === "number" ? portProblems(`${path}.targetPort`, port.targetPort) : []),
      ...(["SCTP", "TCP", "UDP"].includes(port.protocol ?? "TCP")
        ? []
        : [unsupportedField(`${path}.protocol`, port.protocol!, ["SCTP", "TCP", "UDP"])]),
    ];
  });
}

function problems(spec: Spec): FieldError[] {
  return [...portListProblems(spec), ...serviceProblems(spec)];
}

/** The rules come before the allocation: a refused Service takes no address. */
function complete(name: string, given: Spec, held: Spec | undefined, registry: Registry): ApiResult<Spec> {
  const spec = withDefaults(held === undefined ? given : withoutLeftovers(given, held));
  const wrong = problems(spec);
  return wrong.length > 0 ? invalid("Service", "", name, wrong) : allocate(name, spec, held, registry);
}

export const serviceStrategy: Strategy<"Service"> = {
  create: (draft: Draft<"Service">, registry) => {
    const spec = complete(draft.metadata.name ?? "", draft.spec, undefined, registry);
    return spec.ok ? ok({ ...draft, spec: spec.value, status: { loadBalancer: {} } }) : spec;
  },
  update: (next, current, registry) => {
    const spec = complete(next.metadata.name, next.spec, current.spec, registry);
    return spec.ok ? ok({ ...next, spec: spec.value }) : spec;
  },
};
