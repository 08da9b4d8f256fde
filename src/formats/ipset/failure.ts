/** Why a text is not what ipset(8) takes. Thrown by the parsers of this folder, and by nothing else. */
export class IpsetFailure extends Error {
  /** Exit status: 1 for a wrong value, 2 for a wrong command line. */
  readonly status: 1 | 2;

  constructor(status: 1 | 2, text: string) {
    super(text);
    this.status = status;
  }
}

export function syntax(text: string): never {
  throw new IpsetFailure(1, `Syntax error: ${text}`);
}

export function usage(text: string): never {
  throw new IpsetFailure(2, text);
}
