import { utf8Encode } from "../../../base/utf8.ts";
import type { Value } from "./values.ts";

/**
 * An awk array that gives its keys in mawk's order, which scripts print without sorting. mawk keeps a hash table whose
 * chains have the last one used in front, one set of chains for keys used as text and one for whole numbers; `for (k in
 * a)` walks the text chains. A key that was only used as a number gets onto them when they are first needed.
 */
export class AwkArray {
  private byText: Node[][] = [];
  private byNumber: Node[][] = [];
  private chains = 0;
  private count = 0;
  private hasText = false;
  /** The elements that `split` made, which are in no chain until something else is done with the array. */
  private list: Value[] | undefined;

  get size(): number {
    return this.list?.length ?? this.count;
  }

  get(key: string | number): Value {
    return this.find(key, false)?.value;
  }

  set(key: string | number, value: Value): void {
    this.find(key, true)!.value = value;
  }

  /** As a reference to an element does: it is there afterwards. */
  refer(key: string | number): Value {
    return this.find(key, true)!.value;
  }

  has(key: string | number): boolean {
    return this.size > 0 && this.find(key, false) !== undefined;
  }

  clear(): void {
    this.byText = [];
    this.byNumber = [];
    this.chains = 0;
    this.count = 0;
    this.hasText = false;
    this.list = undefined;
  }

  /** What `split` does. */
  load(values: readonly Value[]): void {
    this.clear();
    this.list = [...values];
  }

  delete(key: string | number): void {
    const node = this.size === 0 ? undefined : this.find(key, false);
    if (node === undefined) return;
    for (const chain of [...this.byText, ...this.byNumber]) {
      const at = chain.indexOf(node);
      if (at >= 0) chain.splice(at, 1);
    }
    if (--this.count === 0) this.clear();
  }

  keys(): string[] {
    if (this.size === 0) return [];
    this.needText();
    return this.byText.flat().map((node) => node.text ?? "");
  }

  private find(key: string | number, create: boolean): Node | undefined {
    if (this.size === 0 && !create) return undefined;
    return typeof key === "number" ? this.findNumber(key, create) : this.findText(key, create);
  }

  private findNumber(key: number, create: boolean): Node | undefined {
    this.convertList();
    this.makeTable();
    const chain = this.byNumber[key & (this.chains - 1)]!;
    const at = chain.findIndex((node) => node.number === key);
    if (at >= 0) return moveToFront(chain, at);
    let node: Node | undefined;
    if (this.hasText) node = this.findText(String(key), create);
    else if (create) {
      node = { text: undefined, hash: 0, number: undefined, value: undefined };
      this.grow();
    }
    if (node === undefined) return undefined;
    node.number = key;
    this.byNumber[key & (this.chains - 1)]!.unshift(node);
    return node;
  }

  private findText(key: string, create: boolean): Node | undefined {
    this.needText();
    const hash = hashOf(key);
    const chain = this.byText[hash & (this.chains - 1)]!;
    const at = chain.findIndex((node) => node.hash === hash && node.text === key);
    if (at >= 0) return moveToFront(chain, at);
    if (!create) return undefined;
    const node: Node = { text: key, hash, number: undefined, value: undefined };
    this.grow();
    this.byText[hash & (this.chains - 1)]!.unshift(node);
    return node;
  }

  private makeTable(): void {
    if (this.chains > 0) return;
    this.chains = FIRST_CHAINS;
    this.byText = empty(FIRST_CHAINS);
    this.byNumber = empty(FIRST_CHAINS);
  }

  private convertList(): void {
    const { list } = this;
    if (list === undefined) return;
    this.list = undefined;
    if (list.length === 0) return;
    this.chains = FIRST_CHAINS;
    while (list.length > this.chains * LONGEST_MEAN) this.chains *= 2;
    this.byText = empty(this.chains);
    this.byNumber = empty(this.chains);
    for (const [i, value] of list.entries())
      this.byNumber[(i + 1) & (this.chains - 1)]!.unshift({ text: undefined, hash: 0, number: i + 1, value });
    this.count = list.length;
  }

  private needText(): void {
    this.convertList();
    this.makeTable();
    if (this.hasText) return;
    this.hasText = true;
    for (const node of this.byNumber.flat()) {
      node.text = String(node.number ?? 0);
      node.hash = hashOf(node.text);
      this.byText[node.hash & (this.chains - 1)]!.unshift(node);
    }
  }

  /** One more element; the chains double when they get long on average, and keep their order. */
  private grow(): void {
    if (++this.count <= this.chains * LONGEST_MEAN) return;
    const old = this.chains;
    this.chains *= 2;
    const split = (lists: Node[][], key: (node: Node) => number): Node[][] => [
      ...lists.map((chain) => chain.filter((node) => (key(node) & old) === 0)),
      ...lists.map((chain) => chain.filter((node) => (key(node) & old) !== 0)),
    ];
    this.byText = split(this.byText, (node) => node.hash);
    this.byNumber = split(this.byNumber, (node) => node.number ?? 0);
  }
}

interface Node {
  text: string | undefined;
  hash: number;
  number: number | undefined;
  value: Value;
}

const FIRST_CHAINS = 64;
const LONGEST_MEAN = 12;

function empty(count: number): Node[][] {
  return Array.from({ length: count }, () => []);
}

function moveToFront(chain: Node[], at: number): Node {
  const [node] = chain.splice(at, 1);
  chain.unshift(node!);
  return node!;
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of utf8Encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
