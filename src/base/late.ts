/**
 * Code that only some worlds run, fetched when one of them is opened. It is code only, the same for every world, so
 * that a world does the same whether it came early or late; asking for it before it is there is a bug of the caller.
 */
export class Late<T> {
  private readonly what: string;
  private code: T | undefined;

  constructor(what: string) {
    this.what = what;
  }

  get loaded(): boolean {
    return this.code !== undefined;
  }

  provide(code: T): void {
    this.code = code;
  }

  get(): T {
    if (this.code === undefined) throw new Error(`bug: ${this.what}: not loaded`);
    return this.code;
  }
}
