export { type Answer, EngineClient, type EngineFailure, type EnginePort, type Finished } from "./client.ts";
export { startWorker } from "./worker-port.ts";
