import { encodeBase64 } from "../../base/base64.ts";
import { utf8Encode } from "../../base/utf8.ts";
import { isList, isRecord } from "../../formats/json.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { millis } from "../../sim/time.ts";
import { program, refuse } from "../../userland/args/exit.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import { ApiClient, type ApiStore, timestamp } from "../api/index.ts";

const NOT_A_CERTIFICATE = "flannelgraph: certificates are not modelled\n";
/** Two RSA keys. */
const GENERATE = millis(350);

function flagsOf(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    words.map((word) => {
      const [, name = "", value = "true"] = /^--([^=]+)=?(.*)$/s.exec(word) ?? [];
      return [name, value] as const;
    }),
  );
}

function* log(process: Process, level: string, text: string, source: string, more = ""): Task<void> {
  const time = timestamp(process.host.queue.now);
  yield* process.print(
    `{${more}"level":"${level}","msg":${JSON.stringify(text)},"source":"${source}","time":"${time}"}\n`,
  );
}

/** `create`: puts a CA and a certificate into a Secret; `patch`: the CA into a webhook. Models: kube-webhook-certgen v1.6. */
export function certgen(store: ApiStore): Program {
  return program(function* (process): Task<number> {
    const [, verb = "", ...words] = process.argv;
    const flags = flagsOf(words);
    const client = new ApiClient(store, "kube-webhook-certgen");
    if (verb === "create") return yield* create(process, client, flags);
    if (verb === "patch") return yield* patch(process, client, flags);
    return refuse(`kube-webhook-certgen ${verb}`);
  });
}

function* create(process: Process, client: ApiClient, flags: ReadonlyMap<string, string>): Task<number> {
  const namespace = flags.get("namespace") ?? "";
  const name = flags.get("secret-name") ?? "";
  if (client.get("Secret", namespace, name) !== undefined) {
    yield* log(process, "info", "secret already exists", "cmd/create.go:35");
    return 0;
  }
  const why = `"err":"secrets \\"${name}\\" not found",`;
  yield* log(process, "info", "no secret found", "k8s/k8s.go:229", why);
  yield* log(process, "info", "creating new secret", "cmd/create.go:28");
  yield* sleep(GENERATE);
  const value = encodeBase64(utf8Encode(NOT_A_CERTIFICATE));
  const data = {
    ca: value,
    [flags.get("cert-name") ?? "cert"]: value,
    [flags.get("key-name") ?? "key"]: value,
  };
  const made = client.create("Secret", {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace, name },
    data,
  });
  if (made.ok) return 0;
  yield* log(
    process,
    "fatal",
    "failed creating secret",
    "k8s/k8s.go:255",
    `"err":${JSON.stringify(made.error.message)},`,
  );
  return 1;
}

function* patch(process: Process, client: ApiClient, flags: ReadonlyMap<string, string>): Task<number> {
  const namespace = flags.get("namespace") ?? "";
  const secret = flags.get("secret-name") ?? "";
  const name = flags.get("webhook-name") ?? "";
  const failurePolicy = flags.get("patch-failure-policy") ?? "";
  const validating = flags.get("patch-validating") !== "false";
  if (flags.get("patch-mutating") !== "false") refuse("kube-webhook-certgen patch --patch-mutating");
  const ca = client.get("Secret", namespace, secret)?.data?.["ca"];
  if (ca === undefined) {
    yield* log(process, "fatal", `no secret with '${secret}' in '${namespace}'`, "cmd/patch.go:110");
    return 1;
  }
  const what = `patching webhook configurations '${name}' mutating=false, validating=${String(validating)}, failurePolicy=${failurePolicy}`;
  yield* log(process, "info", what, "k8s/k8s.go:118");
  const done = client.modify("ValidatingWebhookConfiguration", "", name, (current) => ({
    ...current,
    webhooks: isList(current.webhooks)
      ? current.webhooks.map((hook) => patched(hook, ca, failurePolicy))
      : current.webhooks,
  }));
  if (!done.ok) {
    const why = `"err":${JSON.stringify(done.error.message)},`;
    yield* log(process, "fatal", "failed getting validating webhook", "cmd/patch.go:105", why);
    return 1;
  }
  yield* log(process, "info", "Patched hook(s)", "k8s/k8s.go:138");
  return 0;
}

function patched(hook: unknown, caBundle: string, failurePolicy: string): unknown {
  if (!isRecord(hook)) return hook;
  const clientConfig = isRecord(hook["clientConfig"]) ? hook["clientConfig"] : {};
  return {
    ...hook,
    clientConfig: { ...clientConfig, caBundle },
    ...(failurePolicy === "" ? {} : { failurePolicy }),
  };
}
