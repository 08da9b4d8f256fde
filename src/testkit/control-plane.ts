import { err, must } from "../base/result.ts";
import { utf8Decode, utf8Encode } from "../base/utf8.ts";
import { parseKindConfig } from "../formats/kind.ts";
import { parseManifest } from "../formats/manifest.ts";
import guestbook from "../scenario/data/guestbook-all-in-one.yaml?raw";
import flannel from "../scenario/data/kube-flannel.yml?raw";
import { withCondition } from "../k8s/api/conditions.ts";
import { decode } from "../k8s/api/decode.ts";
import { ApiClient, ApiStore, type ContainerRuntimeAccess, type Pod } from "../k8s/api/index.ts";
import { COMMANDS } from "../k8s/cli/commands/index.ts";
import { kubectl } from "../k8s/cli/index.ts";
import { bootstrapControlPlane } from "../k8s/kind/bootstrap.ts";
import { createKernel } from "../kernel/uapi/index.ts";
import { EventQueue } from "../sim/queue.ts";
import { Random } from "../sim/random.ts";
import { seconds } from "../sim/time.ts";
import { Host } from "../userland/os/host.ts";
import { NULL_FILE, sinkFile, sourceFile } from "../userland/os/io.ts";
import { MemFs } from "../userland/os/memfs.ts";
import { Process } from "../userland/os/process.ts";
import type { Ran } from "./console.ts";

const CONFIG = `
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking: {disableDefaultCNI: true}
nodes: [{role: control-plane}, {role: worker}, {role: worker}]
`;

export const GUESTBOOK = guestbook;
export const FLANNEL = flannel;
export const NODES = ["kind-control-plane", "kind-worker", "kind-worker2"] as const;

/** Stands in for the kubelets' exec and logs: `exit N` ends with N, `missing` is not there, the rest is echoed. */
const RUNTIME: ContainerRuntimeAccess = {
  *exec(target, argv, process) {
    if (argv[0] === "exit") return Number(argv[1]);
    if (argv[0] === "missing") return -1;
    yield* process.print(`${target.pod}/${target.container}: ${argv.join(" ")}\n`);
    return 0;
  },
  *logs(target, _options, process) {
    yield* process.print(`log of ${target.container}\n`);
    return 0;
  },
  *dial(_target, port) {
    return err(`no port ${port} here`);
  },
};

/** A control plane with nodes that are mere objects: pods run when a test says so. kubectl works on it. */
export class ControlPlane {
  readonly queue = new EventQueue();
  readonly store: ApiStore;
  readonly client: ApiClient;
  readonly host: Host;

  constructor(seed = 1) {
    const random = new Random(seed);
    this.store = new ApiStore({ queue: this.queue, random: random.fork() });
    this.client = new ApiClient(this.store, "test");
    const config = parseKindConfig(CONFIG);
    if (!config.ok) throw new Error(config.error.message);
    bootstrapControlPlane(this.store, config.value, "172.18.0.2");
    const kernel = createKernel(this.queue, random.fork(), null, { disableIpv6: true });
    const programs = new Map([
      [
        "kubectl",
        kubectl({ store: this.store, runtime: RUNTIME, cluster: "kind", commands: () => COMMANDS }),
      ],
    ]);
    const { queue } = this;
    const netns = kernel.createNetns("");
    this.host = new Host({ name: "docker", kernel, queue, random, fs: new MemFs(), programs, netns });
    for (const [i, name] of NODES.entries()) this.register(name, `172.18.0.${2 + i}`);
    this.pass(10);
  }

  /** Lets so many seconds go by. */
  pass(span: number): void {
    this.queue.runUntil(seconds(this.queue.now / 1e9 + span));
  }

  /** As `pass`, with every bound pod running and every one that is to go gone, step by step. */
  settle(span: number): void {
    for (let step = 0; step < span * 2; step++) {
      this.pass(0.5);
      for (const pod of this.client.list("Pod")) this.serve(pod);
    }
  }

  becomeReady(name: string): void {
    const now = this.store.timestamp();
    this.client.updateStatus("Node", "", name, (node) => ({
      ...node,
      status: {
        ...node.status,
        conditions: withCondition(node.status?.conditions, { type: "Ready", status: "True" }, now),
      },
    }));
  }

  allReady(): void {
    for (const name of NODES) this.becomeReady(name);
  }

  /** Creates every object of a manifest. */
  create(text: string): void {
    for (const { value } of parseManifest(text).documents) {
      const info = must(
        this.store.resources().find((each) => each.kind === value["kind"]),
        "resource",
      );
      const draft = decode(info, value);
      const made = draft.ok ? this.store.create("test", info.id, draft.value) : draft;
      if (!made.ok) throw new Error(made.error.message);
    }
  }

  write(path: string, text: string): void {
    this.host.fs.write(path, utf8Encode(text), "truncate");
  }

  /** Starts a command beside what runs. */
  start(
    line: string,
    input = "",
  ): { readonly process: Process; readonly text: () => string; readonly stdout: () => string } {
    const argv = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3] ?? "");
    let [text, stdout] = ["", ""];
    const out = sinkFile((bytes) => {
      text += utf8Decode(bytes);
      stdout += utf8Decode(bytes);
    });
    const error = sinkFile((bytes) => {
      text += utf8Decode(bytes);
    });
    const files = new Map([
      [0, input === "" ? NULL_FILE : sourceFile(utf8Encode(input))],
      [1, out],
      [2, error],
    ]);
    const program = must(this.host.programs.get(argv[0] ?? ""), "program");
    const { netns } = this.host;
    const process = Process.spawn(this.host, program, { argv, env: new Map(), cwd: "/", netns, files });
    return { process, text: () => text, stdout: () => stdout };
  }

  /** Runs a command to its end. */
  run(line: string, input = ""): Ran {
    const started = this.start(line, input);
    while (started.process.status === undefined && this.queue.step());
    return { status: started.process.status ?? -1, text: started.text(), stdout: started.stdout() };
  }

  private register(name: string, address: string): void {
    const control = name === NODES[0];
    const role = "node-role.kubernetes.io/control-plane";
    this.client.mustCreate("Node", {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name,
        labels: {
          "kubernetes.io/os": "linux",
          "kubernetes.io/hostname": name,
          ...(control && { [role]: "" }),
        },
      },
      spec: control ? { taints: [{ key: role, effect: "NoSchedule" }] } : {},
      status: {
        addresses: [{ type: "InternalIP", address }],
        allocatable: { cpu: "8", memory: "16Gi", pods: "110" },
        conditions: [{ type: "Ready", status: "False", reason: "KubeletNotReady" }],
        nodeInfo: {
          architecture: "amd64",
          bootID: "b",
          containerRuntimeVersion: "containerd://2.2.1",
          kernelVersion: "6.18.0",
          kubeProxyVersion: "",
          kubeletVersion: "v1.36.2",
          machineID: "m",
          operatingSystem: "linux",
          osImage: "Debian GNU/Linux 12 (bookworm)",
          systemUUID: "s",
        },
      },
    });
  }

  private serve(pod: Pod): void {
    const { namespace = "", name, deletionTimestamp } = pod.metadata;
    if ((pod.spec.nodeName ?? "") === "") return;
    if (deletionTimestamp !== undefined) {
      this.client.delete("Pod", namespace, name, { gracePeriodSeconds: 0 });
      return;
    }
    const ip = `10.244.9.${1 + (Number(pod.metadata.resourceVersion) % 250)}`;
    const now = this.store.timestamp();
    this.client.updateStatus("Pod", namespace, name, (current) => ({
      ...current,
      status: {
        ...current.status,
        phase: "Running",
        podIP: current.status?.podIP ?? ip,
        podIPs: current.status?.podIPs ?? [{ ip }],
        containerStatuses: current.spec.containers.map((container) => ({
          name: container.name,
          ready: true,
          restartCount: 0,
          state: {
            running: { startedAt: current.status?.containerStatuses?.[0]?.state?.running?.startedAt ?? now },
          },
        })),
        conditions: withCondition(current.status?.conditions, { type: "Ready", status: "True" }, now),
      },
    }));
  }
}
