/** A chain made ready for packets. */
export interface CompiledChain {
  readonly ready: true;
}
