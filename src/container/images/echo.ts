import type { Task } from "../../sim/task.ts";
import { program } from "../../userland/args/exit.ts";
import type { HttpAnswer, HttpCall, HttpHandler } from "../../userland/http/server.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import { formatIpv4 } from "../../wire/address.ts";
import { formatAddress } from "../../wire/ip-address.ts";
import type { ImageSpec } from "../runtime/images.ts";
import { answer, goFlags, goText, imageOf, pathOf, serveWeb, together } from "./serve.ts";
import { timestamp } from "./moment.ts";

/** The small servers that people look at Services with. Each answers what its image answers. */

function addresses(process: Process): readonly string[] {
  return process.net.address.list().map(({ local }) => formatIpv4(local));
}

/** The request as it was written. */
function requestText({ request }: HttpCall): string {
  const fields = request.fields
    .map(({ name, value }) => [name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()), value] as const)
    .filter(([name]) => name !== "Host")
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
  return `${request.method} ${request.target} ${request.version}\r\nHost: ${hostOf(request.fields)}\r\n${fields}`;
}

const hostOf = (fields: HttpCall["request"]["fields"]): string =>
  fields.find(({ name }) => name.toLowerCase() === "host")?.value ?? "";

/** Models: traefik/whoami v1.11. */
const whoami = program(function* (process): Task<number> {
  const { flags } = goFlags(process.argv.slice(1));
  const port = Number(flags.get("port") ?? process.env.get("WHOAMI_PORT_NUMBER") ?? "80");
  const title = flags.get("name") ?? process.env.get("WHOAMI_NAME") ?? "";
  const handler: HttpHandler = function* (call) {
    const path = pathOf(call);
    if (path === "/health") return goText(process, 200, "");
    const remote = `${formatAddress(call.from.address)}:${call.from.port}`;
    if (path === "/api") {
      const headers = Object.fromEntries(call.request.fields.map(({ name, value }) => [name, [value]]));
      const body = {
        hostname: process.host.name,
        ip: addresses(process),
        headers,
        url: call.request.target,
        host: hostOf(call.request.fields),
        method: call.request.method,
        remoteAddr: remote,
      };
      return answer(200, `${JSON.stringify(body)}\n`, [{ name: "Content-Type", value: "application/json" }]);
    }
    const lines = [
      ...(title === "" ? [] : [`Name: ${title}\n`]),
      `Hostname: ${process.host.name}\n`,
      ...addresses(process).map((ip) => `IP: ${ip}\n`),
      `RemoteAddr: ${remote}\n`,
    ];
    return goText(process, 200, `${lines.join("")}${requestText(call)}\r\n`);
  };
  yield* process.print(`${timestamp(process)} Starting up on port ${port}\n`);
  return yield* together(process, [serveWeb(process, port, handler)]);
});

/** Models: hashicorp/http-echo 1.0. */
const httpEcho = program(function* (process): Task<number> {
  const { flags } = goFlags(process.argv.slice(1));
  const text = flags.get("text") ?? process.env.get("ECHO_TEXT") ?? "";
  const listen = flags.get("listen") ?? ":5678";
  if (text === "") {
    yield* process.printError("Missing -text option!\n");
    return 127;
  }
  const status = Number(flags.get("status-code") ?? "200");
  const own = [
    { name: "X-App-Name", value: "http-echo" },
    { name: "X-App-Version", value: "1.0.0" },
  ];
  const handler: HttpHandler = function* (call) {
    if (pathOf(call) === "/health")
      return answer(200, '{"status":"ok"}\n', [{ name: "Content-Type", value: "application/json" }]);
    const { request, from } = call;
    const said = goText(process, status, `${text}\n`, own);
    yield* process.print(
      `${timestamp(process)} ${hostOf(request.fields)} ${formatAddress(from.address)}:${from.port} "${request.method} ${request.target} ${request.version}" ${status} ${text.length + 1} "${request.fields.find(({ name }) => name === "User-Agent")?.value ?? ""}" 21.5µs\n`,
    );
    return said;
  };
  yield* process.print(`${timestamp(process)} [INFO] server is listening on ${listen}\n`);
  return yield* together(process, [serveWeb(process, Number(listen.replace(/^.*:/, "")), handler)]);
});

/** A server of one text on one port, which the variable PORT may change. */
function simple(port: number, say: (process: Process, call: HttpCall) => HttpAnswer): Program {
  return program(function* (process): Task<number> {
    const handler: HttpHandler = function* (call) {
      return say(process, call);
    };
    return yield* together(process, [
      serveWeb(process, Number(process.env.get("PORT") ?? String(port)), handler),
    ]);
  });
}

/** Models: GoogleCloudPlatform/kubernetes-engine-samples hello-app. */
const helloApp = simple(8080, (process) =>
  goText(process, 200, `Hello, world!\nVersion: 1.0.0\nHostname: ${process.host.name}\n`),
);

const nodeHello = simple(8080, () => answer(200, "Hello Kubernetes!", []));

const bootcamp = simple(8080, (process) =>
  answer(200, `Hello Kubernetes bootcamp! | Running on: ${process.host.name} | v=1\n`, [
    { name: "Content-Type", value: "text/plain" },
  ]),
);

/** Models: jmalloc/echo-server. */
const echoServer = simple(8080, (process, call) =>
  goText(
    process,
    200,
    `Request served by ${process.host.name}\n\n${requestText(call).replaceAll("\r\n", "\n").replace("\n", "\n\n")}\n${call.body.length === 0 ? "" : `\n${String.fromCharCode(...call.body)}`}`,
  ),
);

/** Models: registry.k8s.io/echoserver 1.10, an nginx with Lua. */
const echoserver = simple(8080, (process, call) => {
  const { request, from, body } = call;
  const headers = request.fields
    .toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
    .map(({ name, value }) => `\t${name.toLowerCase()}=${value}  \n`)
    .join("");
  const text = `

Hostname: ${process.host.name}

Pod Information:
	-no pod information available-

Server values:
	server_version=nginx: 1.13.3 - lua: 10008

Request Information:
	client_address=${formatAddress(from.address)}
	method=${request.method}
	real path=${request.target}
	query=${request.target.split("?")[1] ?? ""}
	request_version=1.1
	request_scheme=http
	request_uri=http://${hostOf(request.fields)}:8080${request.target}

Request Headers:
${headers}
Request Body:
${body.length === 0 ? "\t-no body in request-\n" : String.fromCharCode(...body)}
`;
  return answer(200, text, [
    { name: "Server", value: "echoserver" },
    { name: "Content-Type", value: "text/plain" },
  ]);
});

/** Models: mendhak/http-https-echo; its HTTPS port is only listened on. */
const httpHttpsEcho = program(function* (process): Task<number> {
  const port = Number(process.env.get("HTTP_PORT") ?? "8080");
  const handler: HttpHandler = function* (call) {
    const { request, from } = call;
    const headers = Object.fromEntries(request.fields.map(({ name, value }) => [name.toLowerCase(), value]));
    const path = pathOf(call);
    const body = {
      path,
      headers,
      method: request.method,
      body: String.fromCharCode(...call.body),
      fresh: false,
      hostname: hostOf(request.fields).replace(/:\d+$/, ""),
      ip: `::ffff:${formatAddress(from.address)}`,
      ips: [],
      protocol: "http",
      query: {},
      subdomains: [],
      xhr: false,
      os: { hostname: process.host.name },
      connection: {},
    };
    return answer(200, JSON.stringify(body, null, 2), [
      { name: "X-Powered-By", value: "Express" },
      { name: "Content-Type", value: "application/json; charset=utf-8" },
    ]);
  };
  yield* process.print(`Listening on ports ${port} for http, and 8443 for https.\n`);
  return yield* together(process, [serveWeb(process, port, handler)]);
});

function named(repository: string, name: string, run: Program, path = `/${name}`): ImageSpec {
  return imageOf(repository, new Map([[name, run]]), { [path]: name }, [path]);
}

export const echoImages: readonly ImageSpec[] = [
  named("docker.io/traefik/whoami", "whoami", whoami),
  named("docker.io/containous/whoami", "whoami", whoami),
  named("docker.io/hashicorp/http-echo", "http-echo", httpEcho),
  named("gcr.io/google-samples/hello-app", "hello-app", helloApp),
  named("us-docker.pkg.dev/google-samples/containers/gke/hello-app", "hello-app", helloApp),
  named("gcr.io/google-samples/node-hello", "node-hello", nodeHello),
  named("gcr.io/google-samples/kubernetes-bootcamp", "kubernetes-bootcamp", bootcamp),
  named("docker.io/jmalloc/echo-server", "echo-server", echoServer, "/bin/echo-server"),
  named("registry.k8s.io/echoserver", "echoserver", echoserver),
  named("k8s.gcr.io/echoserver", "echoserver", echoserver),
  named("gcr.io/google_containers/echoserver", "echoserver", echoserver),
  named("docker.io/mendhak/http-https-echo", "http-https-echo", httpHttpsEcho),
];
