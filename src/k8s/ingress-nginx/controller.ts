import { background } from "../../container/background.ts";
import type { Peer } from "../../container/servers/nginx/upstream.ts";
import { certificateNames, pemToDer } from "../../formats/x509.ts";
import { Interrupted, sleep, type Task } from "../../sim/task.ts";
import { addTime, millis, type Nanos, seconds } from "../../sim/time.ts";
import { program, refuse } from "../../userland/args/exit.ts";
import { notFound, page, pathOf, servePages } from "../../userland/http/pages.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import { IPV4_ANY, IPV4_LOOPBACK } from "../../wire/address.ts";
import { ApiClient, type ApiStore, type Ingress } from "../api/index.ts";
import { Klog } from "../flannel/klog.ts";
import { type Annotations, annotationsOf } from "./annotations.ts";
import { type Settings, settingsOf } from "./config.ts";
import type { Running } from "./handler.ts";
import { chooseServer } from "./routing.ts";
import { type Configuration, ConfigurationBuilder, keyOf, type Parsed } from "./model.ts";
import { Nginx } from "./nginx.ts";
import { type Options, parseOptions } from "./options.ts";
import { type PodIdentity, StatusSync } from "./status.ts";
import { Store, structured } from "./store.ts";

const RELEASE = "v1.15.1";
const COMMIT = "dbb11b92ddb7";
const RULE = "-".repeat(79);
const BANNER = `${RULE}
NGINX Ingress controller
  Release:       ${RELEASE}
  Build:         ${COMMIT}
  Repository:    https://github.com/kubernetes/ingress-nginx
  nginx version: nginx/1.27.1

${RULE}

`;
/** The informers' first lists. */
const CACHE_TIME = millis(200);
/** --sync-rate-limit: 0.3 a second. */
const BETWEEN_SYNCS = seconds(1 / 0.3);
const FIRST_SYNC = seconds(1);
const EXIT_DELAY = seconds(10);
const FAKE_CERTIFICATE = "/etc/ingress-controller/ssl/default-fake-certificate.pem";

interface Parts {
  readonly process: Process;
  readonly log: Klog;
  readonly options: Options;
  readonly client: ApiClient;
  readonly pod: PodIdentity;
}

/** /nginx-ingress-controller. Models: kubernetes/ingress-nginx controller-v1.15.1 cmd/nginx. */
export function ingressController(store: ApiStore): Program {
  return program(function* (process): Task<number> {
    yield* process.print(BANNER);
    const log = new Klog(process);
    const parsed = parseOptions(process.argv);
    if (!parsed.ok) {
      if ("refused" in parsed.error) return refuse(parsed.error.refused);
      yield* log.error("main.go:58", parsed.error.message);
      return 255;
    }
    const options = parsed.value;
    if (options.flag("version")) return 0;
    const namespace = process.env.get("POD_NAMESPACE") ?? "";
    const client = new ApiClient(store, `ingress-nginx ${process.host.name}`);
    const pod = { namespace, name: process.env.get("POD_NAME") ?? "" };
    const parts = { process, log, options, client, pod };
    const problem = yield* prepare(parts);
    if (problem !== undefined) {
      yield* log.error("main.go:92", problem);
      return 255;
    }
    return yield* new Controller(parts).run();
  });
}

/** What main does before the controller begins; the text is why it cannot. */
function* prepare({ log, options, client, pod, process }: Parts): Task<string | undefined> {
  const api = process.env.get("KUBERNETES_SERVICE_HOST") ?? "10.96.0.1";
  yield* log.info("main.go:205", structured("Creating API client", { host: `"https://${api}:443"` }));
  const version = {
    major: '"1"',
    minor: '"36"',
    git: '"v1.36.2"',
    state: '"clean"',
    platform: '"linux/amd64"',
  };
  yield* log.info("main.go:248", structured("Running in Kubernetes cluster", version));
  for (const name of ["default-backend-service", "publish-service"] as const) {
    const key = options.text(name);
    const [namespace = "", service = ""] = key.split("/");
    if (key !== "" && client.get("Service", namespace, service) === undefined)
      return `no service with name ${service} found in namespace ${namespace}: services "${service}" not found`;
  }
  if (options.text("default-backend-service") !== "")
    refuse("nginx-ingress-controller --default-backend-service");
  if (options.text("default-ssl-certificate") !== "")
    refuse("nginx-ingress-controller --default-ssl-certificate");
  yield* sleep(millis(150));
  yield* log.info(
    "main.go:101",
    structured("SSL fake certificate created", { file: `"${FAKE_CERTIFICATE}"` }),
  );
  if (client.get("Pod", pod.namespace, pod.name) === undefined)
    return "Unexpected error obtaining ingress-nginx pod: unable to get POD information (missing POD_NAME or POD_NAMESPACE environment variable";
  return undefined;
}

/** Models: internal/ingress/controller NGINXController. */
class Controller {
  private readonly parts: Parts;
  private readonly store: Store;
  private readonly status: StatusSync;
  private nginx: Nginx;
  private current: Running | undefined;
  private stopping = false;
  private readonly told = new Set<string>();

  constructor(parts: Parts) {
    this.parts = parts;
    const { client, options } = parts;
    this.store = new Store(client, options);
    this.status = new StatusSync({ ...parts, store: this.store });
    this.nginx = new Nginx(parts.process, options, this.build(settingsOf({}), false), (name) =>
      this.certificate(name),
    );
  }

  *run(): Task<number> {
    const { process, log, options } = this.parts;
    const health = servePages(
      process,
      { name: "nginx-ingress-controller", address: IPV4_ANY, port: options.number("healthz-port") },
      (call) =>
        pathOf(call) === options.text("health-check-path")
          ? this.nginx.initialized && !this.stopping
            ? page(200, "ok")
            : page(
                500,
                "[+]ping ok\n[-]nginx-ingress-controller failed: reason withheld\nhealthz check failed\n",
              )
          : notFound(),
    );
    process.handle("TERM");
    process.handle("QUIT");
    let election: { kill(signal: string): void } | undefined;
    try {
      yield* log.info("nginx.go:273", '"Starting NGINX Ingress controller"');
      yield* sleep(CACHE_TIME);
      yield* log.info("nginx.go:319", '"Starting NGINX process"');
      if (options.flag("update-status")) election = background(process.host.queue, this.status.run());
      const failed = this.nginx.start();
      if (failed !== undefined) {
        yield* process.printError(`nginx: [emerg] ${failed}\n`);
        return 255;
      }
      const webhook = options.text("validating-webhook");
      if (webhook !== "") {
        const fields = {
          address: `"${webhook}"`,
          certPath: `"${options.text("validating-webhook-certificate")}"`,
          keyPath: `"${options.text("validating-webhook-key")}"`,
        };
        yield* log.info("nginx.go:339", structured("Starting validation webhook", fields));
        yield* log.warning("flannelgraph", "admission webhooks are not modelled: nobody calls it");
      }
      return yield* this.syncing();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      // The container's preStop has sent it; the runtime sends it again.
      this.parts.process.onSignal("TERM", "ignore");
      return yield* this.stop();
    } finally {
      election?.kill("KILL");
      health?.();
      this.nginx.kill();
      this.store.stop();
    }
  }

  /** Models: syncIngress and its queue: at most one sync in 3.3 seconds. */
  private *syncing(): Task<number> {
    const { queue } = this.parts.process.host;
    this.store.dirty = true;
    let next = queue.now;
    for (;;) {
      yield* this.sayNotes();
      if (!this.store.dirty) {
        yield* this.store.changed.wait();
        continue;
      }
      if (queue.now < next) {
        yield* this.store.changed.waitAtMost((next - queue.now) as Nanos);
        continue;
      }
      next = addTime(queue.now, BETWEEN_SYNCS);
      this.store.dirty = false;
      yield* this.sync();
    }
  }

  private *sync(): Task<void> {
    const { log, client, pod } = this.parts;
    const settings = settingsOf(this.store.settings);
    const next = this.build(settings, true);
    yield* this.sayNotes();
    const first = this.current === undefined;
    const before = this.current ?? {
      configuration: { backends: new Map(), servers: [] },
      settings: undefined,
    };
    if (first || fixed(before.configuration, before.settings) !== fixed(next.configuration, settings)) {
      yield* log.info("controller.go:217", '"Configuration changes detected, backend reload required"');
      yield* this.nginx.reload(next);
      yield* log.info("controller.go:231", '"Backend successfully reloaded"');
      const object = client.get("Pod", pod.namespace, pod.name);
      const message = "NGINX reload triggered due to a change in configuration";
      if (object !== undefined) this.store.record(object, { type: "Normal", reason: "RELOAD", message });
    }
    if (first) {
      yield* log.info("controller.go:243", '"Initial sync, sleeping for 1 second"');
      yield* sleep(FIRST_SYNC);
    }
    this.current = next;
    this.nginx.syncBackends(next);
  }

  /** What watches and the building of the configuration had to say. */
  private *sayNotes(): Task<void> {
    const { log } = this.parts;
    for (const [severity, place, text] of this.store.takeLines()) {
      if (severity === "warning") yield* log.warning(place, text);
      else yield* log.info(place, text);
    }
  }

  private build(settings: Settings, speaks: boolean): Running {
    const { options } = this.parts;
    const prefix = options.text("annotations-prefix");
    const otherwise: Peer = { address: IPV4_LOOPBACK, port: options.number("default-server-port") };
    const parsed = this.store
      .sorted()
      .map((object): Parsed => ({ object, annotations: annotationsOf(object, prefix, settings) }));
    if (speaks) this.tellRefusals(parsed, settings);
    const used = new Set<string>();
    const named = <T>(namespace: string, name: string, value: T): T => {
      used.add(`${namespace}/${name}`);
      return value;
    };
    const builder = new ConfigurationBuilder({
      service: (namespace, name) => named(namespace, name, this.store.service(namespace, name)),
      slices: (namespace, name) => named(namespace, name, this.store.slicesOf(namespace, name)),
      certificate: (namespace, name) => this.namesOf(namespace, name),
      defaultPeers: [otherwise],
      own: this.ownAnnotations(settings),
      warn: (place, text) => {
        if (speaks) this.store.say(place, text, "warning");
      },
    });
    const configuration = builder.build(parsed);
    this.store.used = used;
    return { configuration, settings };
  }

  private ownAnnotations(settings: Settings): Annotations {
    const none = {
      apiVersion: "",
      kind: "Ingress",
      metadata: { name: "", uid: "", resourceVersion: "", creationTimestamp: "" },
    };
    return annotationsOf(none, this.parts.options.text("annotations-prefix"), settings);
  }

  /** Annotations and keys that are not modelled are told once, and their locations answer 503. */
  private tellRefusals(parsed: readonly Parsed[], settings: Settings): void {
    for (const { object, annotations } of parsed) {
      if (annotations.refused.length === 0) continue;
      const what = annotations.refused
        .map((name) => `${this.parts.options.text("annotations-prefix")}/${name}`)
        .join(", ");
      this.tellOnce(`${keyOf(object)} ${what}`, () => {
        const message = `flannelgraph: not modelled yet: annotation ${what}; the Ingress' paths answer 503`;
        this.store.record(object, { type: "Warning", reason: "NotModelled", message });
      });
    }
    for (const key of settings.refused)
      this.tellOnce(key, () =>
        this.store.say("flannelgraph", `ConfigMap key ${key} is not modelled yet: passed over`, "warning"),
      );
  }

  private tellOnce(what: string, tell: () => void): void {
    if (this.told.has(what)) return;
    this.told.add(what);
    tell();
  }

  private namesOf(namespace: string, name: string): "missing" | "invalid" | readonly string[] {
    const pem = this.store.secretText(namespace, name, "tls.crt");
    if (pem === undefined || this.store.secretText(namespace, name, "tls.key") === undefined)
      return "missing";
    const der = pemToDer(pem);
    const names = der === undefined ? undefined : certificateNames(der);
    if (names === undefined) return "invalid";
    return names.dnsNames.length > 0 ? names.dnsNames : [names.commonName];
  }

  /** What a handshake for this name is shown: "" for the default certificate. */
  private certificate(serverName: string): string {
    const key =
      chooseServer(this.current?.configuration.servers ?? [], serverName.toLowerCase())?.certificate ??
      "default";
    const [namespace = "", name = ""] = key.split("/");
    return key === "default" ? "" : (this.store.secretText(namespace, name, "tls.crt") ?? "");
  }

  /** Models: Stop and HandleSigterm. */
  private *stop(): Task<number> {
    const { log } = this.parts;
    yield* log.info("sigterm.go:35", '"Received SIGTERM, shutting down"');
    this.stopping = true;
    yield* log.info("nginx.go:395", '"Shutting down controller queues"');
    yield* this.status.end();
    if (this.parts.options.text("validating-webhook") !== "")
      yield* log.info("nginx.go:403", '"Stopping admission controller"');
    yield* log.info("nginx.go:411", '"Stopping NGINX process"');
    this.nginx.quit();
    yield* sleep(seconds(1));
    yield* log.info("nginx.go:424", '"NGINX process has stopped"');
    yield* log.info("sigterm.go:44", "Handled quit, delaying controller exit for 10 seconds");
    yield* sleep(EXIT_DELAY);
    yield* log.info("sigterm.go:47", structured("Exiting", { code: "0" }));
    return 0;
  }
}

/** What a reload is needed for: all but the servers behind the backends, and certificates. Models: IsDynamicConfigurationEnough. */
function fixed({ servers, backends }: Configuration, settings: Settings | undefined): string {
  const plain = servers.map((server) => ({ ...server, certificate: server.certificate !== undefined }));
  const names = [...backends.values()].map(({ name, shaping, alternatives }) => [
    name,
    shaping,
    alternatives,
  ]);
  return JSON.stringify([plain, names, settings], (_, value: unknown) =>
    value instanceof Set ? [...value] : value,
  );
}

export type { Ingress };
