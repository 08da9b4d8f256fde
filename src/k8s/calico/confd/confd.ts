import { readText, writeText } from "../../../container/files.ts";
import { Signal, sleep, type Task } from "../../../sim/task.ts";
import { millis, seconds } from "../../../sim/time.ts";
import type { Process } from "../../../userland/os/process.ts";
import { ApiClient, type ApiStore } from "../../api/index.ts";
import { CalicoClient } from "../api/index.ts";
import { CalicoLog } from "../log.ts";
import { signalService } from "../node/runit.ts";
import { type BgpModel, readBgpModel } from "./model.ts";
import { renderAggregation, renderBird, renderIpam } from "./render.ts";

const DIR = "/etc/calico/confd/config";
/** From a change to the files: the syncer's batch, the template, the check. */
const RENDER = millis(60);

const FILES: readonly (readonly [string, (model: BgpModel) => string])[] = [
  ["bird_aggr.cfg", renderAggregation],
  ["bird_ipam.cfg", renderIpam],
  ["bird.cfg", renderBird],
];

/** Calls `changed` when anything that the templates read does. The result stops it. */
function watchAll(store: ApiStore, changed: () => void): () => void {
  const api = new ApiClient(store, "confd");
  const calico = new CalicoClient(store, "confd");
  const kinds = ["IPPool", "BlockAffinity", "BGPConfiguration", "BGPPeer"] as const;
  const stops = [api.watch("Node", changed), ...kinds.map((kind) => calico.watch(kind, changed))];
  return () => {
    for (const stop of stops) stop();
  };
}

/** What stops BIRD here from doing what the cluster asks for. */
function refused(store: ApiStore): string | undefined {
  const id = "BGPFilter.crd.projectcalico.org";
  const known = store.resources().some((resource) => resource.id === id);
  return known && store.list(id).length > 0 ? "flannelgraph: BGPFilter is not modelled yet" : undefined;
}

/**
 * Writes BIRD's configuration from the cluster's objects, and has it read again when it changed.
 * Models: confd as calico-node runs it. Not modelled: BGPFilter, passwords, communities, addresses of single Services.
 */
export function* confd(process: Process, store: ApiStore, node: string): Task<number> {
  const log = new CalicoLog(process);
  const { fs } = process.host;
  const wake = new Signal();
  let dirty = true;
  const stop = watchAll(store, () => {
    dirty = true;
    wake.fire();
  });
  try {
    yield* log.info("confd/config.go 82", "Skipping confd config file.");
    yield* log.info("confd/run.go 18", "Starting calico-confd");
    yield* sleep(seconds(0.5));
    for (;;) {
      while (!dirty) yield* wake.wait();
      yield* sleep(RENDER);
      dirty = false;
      const why = refused(store);
      if (why !== undefined) yield* log.error("confd/client.go 1", why);
      const model = readBgpModel(store, node);
      if (model === undefined) continue;
      let news = false;
      for (const [name, render] of FILES) {
        const path = `${DIR}/${name}`;
        const text = render(model);
        const old = readText(fs, path);
        if (old.ok && old.value === text) continue;
        writeText(fs, path, text, 0o644);
        news = true;
        yield* log.info(
          "confd/resource.go 277",
          `Target config ${path} has been updated due to change in key:`,
        );
      }
      if (news) signalService(process.host, "bird", "HUP");
    }
  } finally {
    stop();
  }
}
