import "../styles/story.css";
import * as v from "valibot";
import { useBoard, useSay } from "../board-context.ts";
import type { Cast } from "../model/cast.ts";
import { type Service, serviceEndpoints, servicesOf } from "../model/services.ts";
import type { WorldState } from "../model/world.ts";
import { Command } from "./Command.tsx";

const facts = v.object({
  spec: v.object({
    type: v.optional(v.string(), "ClusterIP"),
    selector: v.optional(v.record(v.string(), v.string()), {}),
    sessionAffinity: v.optional(v.string(), "None"),
    externalTrafficPolicy: v.optional(v.string()),
    ports: v.optional(
      v.array(
        v.object({
          name: v.optional(v.string(), ""),
          port: v.number(),
          protocol: v.optional(v.string(), "TCP"),
          targetPort: v.optional(v.union([v.number(), v.string()])),
          nodePort: v.optional(v.number()),
        }),
      ),
      [],
    ),
  }),
});

/** A Service as the API has it at the cursor: its address and ports, and who is behind it. */
export default function ServicePanel({
  name,
  world,
  cast,
}: {
  readonly name: string;
  readonly world: WorldState;
  readonly cast: Cast;
}) {
  const say = useSay();
  // Objects are read at the cursor.
  useBoard((board) => board.cursor);
  const service = servicesOf(world).find((one) => `${one.namespace}/${one.name}` === name);
  if (service === undefined) return <p className="hint">{say("service.gone", { name })}</p>;
  return (
    <article className="device-panel">
      <p className="hop-where">Service · {service.namespace}</p>
      <h2>{service.name}</h2>
      <p>{say("legend.service")}</p>
      <Facts service={service} world={world} />
      <Endpoints service={service} world={world} cast={cast} />
      <Command
        label={say("inspector.check")}
        command={`kubectl describe service -n ${service.namespace} ${service.name}`}
      />
      <Command
        label={say("inspector.check")}
        command={`iptables-save -t nat | grep ${service.namespace}/${service.name}`}
      />
    </article>
  );
}

function Facts({ service, world }: { readonly service: Service; readonly world: WorldState }) {
  const say = useSay();
  const object = world
    .rows("object", 0)
    .find(
      ({ row }) => row.kind === "Service" && row.namespace === service.namespace && row.name === service.name,
    );
  const read = v.safeParse(facts, object?.row.object);
  if (!read.success) return null;
  const { type, selector, ports, sessionAffinity, externalTrafficPolicy } = read.output.spec;
  const wanted = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  const rows: readonly (readonly [string, string])[] = [
    ["type", type],
    ["clusterIP", service.address],
    ["selector", wanted.length === 0 ? "—" : wanted.join(", ")],
    ...(sessionAffinity === "None" ? [] : [["sessionAffinity", sessionAffinity] as const]),
    ...(externalTrafficPolicy === undefined ? [] : [["external", externalTrafficPolicy] as const]),
    ...ports.map(({ name, port, protocol, targetPort, nodePort }) => {
      const open = nodePort === undefined ? "" : ` · nodePort ${nodePort}`;
      return [name === "" ? "port" : name, `${protocol} ${port} → ${targetPort ?? port}${open}`] as const;
    }),
  ];
  return (
    <dl className="facts" aria-label={say("service.facts")}>
      {rows.map(([label, value], i) => (
        <div key={i}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Endpoints({
  service,
  world,
  cast,
}: {
  readonly service: Service;
  readonly world: WorldState;
  readonly cast: Cast;
}) {
  const say = useSay();
  const endpoints = serviceEndpoints(world, service);
  return (
    <table className="ktable">
      <caption>{say("service.endpoints", { count: endpoints.length })}</caption>
      <thead>
        <tr>
          <th scope="col">{say("column.address")}</th>
          <th scope="col">Pod</th>
          <th scope="col">{say("column.state")}</th>
        </tr>
      </thead>
      <tbody>
        {endpoints.map(({ address, ready }) => {
          const place = cast.ownerOf(address);
          return (
            <tr key={address}>
              <td>{address}</td>
              <td>{place === undefined ? "—" : cast.name(place.netns)}</td>
              <td>{say(ready ? "service.ready" : "service.notReady")}</td>
            </tr>
          );
        })}
        {endpoints.length === 0 && (
          <tr>
            <td colSpan={3} className="none">
              {say("inspector.none")}
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
