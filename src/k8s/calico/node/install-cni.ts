import { parseJson } from "../../../container/cni/json.ts";
import { baseName, dirName, fsErrorText, writeText } from "../../../container/files.ts";
import type { Task } from "../../../sim/task.ts";
import type { Process, Program } from "../../../userland/os/process.ts";
import { CalicoLog } from "../log.ts";
import { CALICO_VERSION } from "../version.ts";

const IMAGE_BIN = "/opt/cni/bin";
const HOST_BIN = "/host/opt/cni/bin";
const HOST_NET = "/host/etc/cni/net.d";

const env = (process: Process, key: string, otherwise: string): string => {
  const value = process.env.get(key) ?? "";
  return value === "" ? otherwise : value;
};

/** Models: install.go writeKubeconfig. Tokens and certificates are not modelled. */
function kubeconfig(process: Process): string {
  const host = env(process, "KUBERNETES_SERVICE_HOST", "");
  const port = env(process, "KUBERNETES_SERVICE_PORT", "");
  return `# Kubeconfig file for Calico CNI plugin.
apiVersion: v1
kind: Config
clusters:
- name: local
  cluster:
    server: https://[${host}]:${port}
    certificate-authority-data: ""
users:
- name: calico
  user:
    token: "flannelgraph: tokens are not modelled"
contexts:
- name: calico-context
  context:
    cluster: local
    user: calico
current-context: calico-context`;
}

/** The ConfigMap's configuration with the values of this node. Models: writeCNIConfig. */
function configText(process: Process): string {
  const netDir = env(process, "CNI_NET_DIR", "/etc/cni/net.d");
  const values: readonly (readonly [string, string])[] = [
    ["__LOG_LEVEL__", env(process, "LOG_LEVEL", "info")],
    ["__LOG_FILE_PATH__", env(process, "LOG_FILE_PATH", "/var/log/calico/cni/cni.log")],
    ["__DATASTORE_TYPE__", env(process, "DATASTORE_TYPE", "kubernetes")],
    ["__KUBERNETES_NODE_NAME__", env(process, "KUBERNETES_NODE_NAME", process.host.name)],
    ["__KUBECONFIG_FILEPATH__", `${netDir}/calico-kubeconfig`],
    ["__CNI_MTU__", env(process, "CNI_MTU", "1500")],
    ["__KUBERNETES_SERVICE_HOST__", env(process, "KUBERNETES_SERVICE_HOST", "")],
    ["__KUBERNETES_SERVICE_PORT__", env(process, "KUBERNETES_SERVICE_PORT", "")],
    ["__REQUIRE_MTU_FILE__", env(process, "REQUIRE_MTU_FILE", "false")],
  ];
  return values.reduce(
    (text, [mark, value]) => text.replaceAll(mark, value),
    env(process, "CNI_NETWORK_CONFIG", ""),
  );
}

/** The plugins of the image into the node's directory; the failure's words. */
function* copyPlugins(process: Process, log: CalicoLog): Task<string | undefined> {
  const { fs } = process.host;
  if (fs.stat(HOST_BIN)?.kind !== "directory") return "found no writeable directory, exiting";
  const names = fs.list(IMAGE_BIN);
  for (const name of names.ok ? names.value : []) {
    if (name === "install") continue;
    const bytes = fs.read(`${IMAGE_BIN}/${name}`);
    if (!bytes.ok) return `Failed to install ${HOST_BIN}/${name}`;
    const written = fs.write(`${HOST_BIN}/${name}`, bytes.value, "truncate");
    if (!written.ok) return `Failed to install ${HOST_BIN}/${name}: ${fsErrorText(written.error)}`;
    fs.chmod?.(`${HOST_BIN}/${name}`, 0o755);
    yield* log.info("cni-installer/install.go 175", `Installed ${HOST_BIN}/${name}`);
  }
  yield* log.info("cni-installer/install.go 181", `Wrote Calico CNI binaries to ${HOST_BIN}`);
  yield* log.info("cni-installer/install.go 185", `CNI plugin version: ${CALICO_VERSION}`);
  return undefined;
}

/**
 * /opt/cni/bin/install: the plugins, their kubeconfig and the network's configuration onto the node.
 * Models: cni-plugin/pkg/install. Not modelled: SLEEP=true, etcd.
 */
export const installCni: Program = function* (process): Task<number> {
  const log = new CalicoLog(process);
  yield* log.info("cni-installer/install.go 122", "Running as a Kubernetes pod");
  if (env(process, "SLEEP", "true") === "true") {
    yield* process.printError("flannelgraph: install-cni with SLEEP=true is not modelled yet\n");
    return 1;
  }
  const failed = yield* copyPlugins(process, log);
  if (failed !== undefined) {
    yield* log.error("cni-installer/install.go 190", failed);
    return 1;
  }
  const { fs } = process.host;
  writeText(fs, `${HOST_NET}/calico-kubeconfig`, kubeconfig(process), 0o600);
  const text = configText(process);
  yield* log.info(
    "cni-installer/install.go 266",
    "Using CNI config template from CNI_NETWORK_CONFIG environment variable.",
  );
  if (!parseJson(text).ok) {
    yield* log.error("cni-installer/install.go 325", `${text} is not a valid json object`);
    return 1;
  }
  const path = `${HOST_NET}/${env(process, "CNI_CONF_NAME", "10-calico.conflist")}`;
  const written = writeText(fs, path, text, 0o600);
  if (!written.ok) {
    yield* log.error("cni-installer/install.go 338", `open ${path}: ${fsErrorText(written.error)}`);
    return 1;
  }
  yield* log.info("cni-installer/install.go 350", `Created ${path}`);
  yield* process.print(`${text}\n`);
  yield* log.info("cni-installer/install.go 234", "Done configuring CNI.  Sleep= false");
  return 0;
};

/**
 * calico-ipam -upgrade: moves allocations of host-local to calico-ipam. A node that never had any has nothing to move.
 * Models: cni-plugin/pkg/upgrade.
 */
export const upgradeIpam: Program = function* (process): Task<number> {
  const [, flag] = process.argv;
  if (flag !== "-upgrade") {
    yield* process.printError(
      `flannelgraph: ${baseName(process.argv[0] ?? "")} ${flag ?? ""} is not modelled yet\n`,
    );
    return 1;
  }
  const log = new CalicoLog(process);
  const node = env(process, "KUBERNETES_NODE_NAME", process.host.name);
  if (env(process, "CALICO_NETWORKING_BACKEND", "") === "none") {
    yield* log.info("ipam-plugin/ipam_plugin.go 120", "Networking backend is none. Not upgrading");
    return 0;
  }
  yield* log.info("ipam-plugin/migrate.go 66", "checking host-local IPAM data dir dir existence...");
  const dir = "/var/lib/cni/networks/k8s-pod-network";
  const held = process.host.fs.list(dir);
  const addresses = (held.ok ? held.value : []).filter((name) => /^[0-9.]+$/.test(name));
  if (addresses.length > 0) {
    yield* process.printError(
      `flannelgraph: ${dirName(dir)} holds addresses of host-local; moving them is not modelled yet\n`,
    );
    return 1;
  }
  yield* log.info(
    "ipam-plugin/migrate.go 68",
    "host-local IPAM data dir not found; no migration necessary, successfully exiting...",
  );
  yield* log.info("ipam-plugin/ipam_plugin.go 141", "migration from host-local to calico-ipam complete", {
    node,
  });
  return 0;
};
