import { must } from "../../../base/result.ts";
import { BGP_PORT } from "../../../wire/bgp.ts";
import { IPV4_ANY, type Ipv4, parsePrefix } from "../../../wire/address.ts";
import type {
  BgpConfig,
  BirdConfig,
  Filter,
  FunctionDefinition,
  ProtocolConfig,
  StaticConfig,
  Statement,
} from "./config.ts";
import { FilterParser, TokenReader } from "./filter-parser.ts";
import { ConfigFault, tokenize } from "./lexer.ts";

type ReadFile = (path: string) => string | undefined;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const ALL: Filter = { kind: "all" };
const NONE: Filter = { kind: "none" };

/** BIRD's defaults. */
function newBgp(name: string): Mutable<BgpConfig> {
  return {
    kind: "bgp",
    name,
    description: "",
    localAs: 0,
    neighbor: IPV4_ANY,
    neighborPort: BGP_PORT,
    neighborAs: 0,
    source: undefined,
    passive: false,
    importFilter: ALL,
    exportFilter: NONE,
    rrClient: false,
    rrClusterId: undefined,
    nextHop: "auto",
    addPaths: false,
    gracefulRestart: false,
    restartTime: 120,
    connectDelay: 5,
    connectRetry: 120,
    errorWaitMin: 60,
    errorWaitMax: 300,
    holdTime: 240,
  };
}

/** Reads bird.cfg and what it includes. */
class ConfigParser {
  private readonly readFile: ReadFile;
  private readonly functions = new Map<string, FunctionDefinition>();
  private readonly filters = new Map<string, readonly Statement[]>();
  private readonly templates = new Map<string, BgpConfig>();
  private readonly protocols: ProtocolConfig[] = [];
  private routerId: Ipv4 | undefined;
  private listenAddress: Ipv4 | undefined;
  private listenPort = BGP_PORT;

  constructor(readFile: ReadFile) {
    this.readFile = readFile;
  }

  config(path: string): BirdConfig {
    this.file(path);
    const { routerId, listenAddress, listenPort, functions, protocols } = this;
    return { routerId, listenAddress, listenPort, functions, protocols };
  }

  private file(path: string): void {
    const text = this.readFile(path);
    if (text === undefined)
      throw new Error(`Unable to open configuration file ${path}: No such file or directory`);
    const reader = new TokenReader(tokenize(text, path));
    while (!reader.ended) this.item(reader, path);
  }

  private item(reader: TokenReader, path: string): void {
    const { current } = reader;
    const word = reader.word();
    switch (word) {
      case "include":
        this.file(path.slice(0, path.lastIndexOf("/") + 1) + reader.string());
        reader.expect(";");
        return;
      case "router":
        reader.expect("id");
        this.routerId = reader.ip();
        reader.expect(";");
        return;
      case "listen":
        this.listen(reader);
        return;
      case "function":
        this.define(reader);
        return;
      case "filter":
        this.filters.set(reader.word(), new FilterParser(reader).block());
        return;
      case "template":
      case "protocol":
        this.protocol(reader, word === "template");
        return;
      default:
        throw new ConfigFault(current, `flannelgraph: bird's ${word} is not modelled yet`);
    }
  }

  private listen(reader: TokenReader): void {
    reader.expect("bgp");
    while (!reader.take(";")) {
      if (reader.take("address")) this.listenAddress = reader.ip();
      else if (reader.take("port")) this.listenPort = reader.number();
      else throw reader.fault();
    }
  }

  private define(reader: TokenReader): void {
    const name = reader.word();
    reader.expect("(");
    const parameters: string[] = [];
    while (!reader.take(")")) {
      reader.word();
      parameters.push(reader.word());
      reader.take(",");
    }
    this.functions.set(name, { parameters, body: new FilterParser(reader).block() });
  }

  private protocol(reader: TokenReader, template: boolean): void {
    const kind = reader.word();
    const count = this.protocols.filter((each) => each.kind === kind).length + 1;
    const name = reader.is("{") || reader.is("from") ? `${kind}${count}` : reader.word();
    const from = reader.take("from") ? reader.word() : undefined;
    reader.expect("{");
    if (kind === "bgp") {
      const base = from === undefined ? newBgp(name) : must(this.templates.get(from), `template ${from}`);
      const made = this.bgp(reader, { ...base, name });
      if (template) this.templates.set(name, made);
      else this.protocols.push(made);
      return;
    }
    this.protocols.push(this.simple(reader, kind, name));
  }

  private simple(reader: TokenReader, kind: string, name: string): ProtocolConfig {
    switch (kind) {
      case "static":
        return this.static(reader, name);
      case "kernel":
        return this.kernel(reader, name);
      case "device":
        while (!reader.take("}")) this.skip(reader, ["scan", "debug"]);
        return { kind, name };
      case "direct":
        return this.direct(reader, name);
      default:
        throw new ConfigFault(reader.current, `flannelgraph: bird's protocol ${kind} is not modelled yet`);
    }
  }

  /** An option that changes nothing here: `debug { states };`. */
  private skip(reader: TokenReader, known: readonly string[]): void {
    const { current } = reader;
    const word = reader.word();
    if (!known.includes(word))
      throw new ConfigFault(current, `flannelgraph: bird's option ${word} is not modelled yet`);
    let depth = 0;
    for (;;) {
      if (reader.ended) throw reader.fault();
      const { text, kind } = reader.next();
      if (kind !== "sign") continue;
      if (text === "{") depth++;
      if (text === "}") depth--;
      if (text === ";" && depth === 0) return;
    }
  }

  private filter(reader: TokenReader): Filter {
    if (reader.take("all")) return ALL;
    if (reader.take("none")) return NONE;
    reader.expect("filter");
    if (reader.is("{")) return { kind: "body", name: "(unnamed)", body: new FilterParser(reader).block() };
    const { current } = reader;
    const name = reader.word();
    const body = this.filters.get(name);
    if (body === undefined) throw new ConfigFault(current, "No such filter.");
    return { kind: "body", name, body };
  }

  private static(reader: TokenReader, name: string): StaticConfig {
    const routes: { prefix: StaticConfig["routes"][number]["prefix"]; via: Ipv4 | undefined }[] = [];
    while (!reader.take("}")) {
      reader.expect("route");
      const prefix = parsePrefix(reader.next().text);
      if (prefix === undefined) throw reader.fault();
      const via = reader.take("via") ? reader.ip() : undefined;
      if (via === undefined) reader.expect("blackhole");
      reader.expect(";");
      routes.push({ prefix, via });
    }
    return { kind: "static", name, routes };
  }

  private kernel(reader: TokenReader, name: string): ProtocolConfig {
    const out = { learn: false, persist: false, scanTime: 60, mergePaths: false };
    let exportFilter = NONE;
    while (!reader.take("}")) {
      if (reader.take("learn")) out.learn = true;
      else if (reader.take("persist")) out.persist = true;
      else if (reader.take("scan")) {
        reader.expect("time");
        out.scanTime = reader.number();
      } else if (reader.take("merge")) {
        reader.expect("paths");
        out.mergePaths = this.on(reader);
      } else if (reader.take("export")) exportFilter = this.filter(reader);
      else if (reader.take("import")) this.filter(reader);
      else {
        this.skip(reader, ["graceful", "debug"]);
        continue;
      }
      reader.expect(";");
    }
    return { kind: "kernel", name, ...out, exportFilter };
  }

  private direct(reader: TokenReader, name: string): ProtocolConfig {
    const interfaces: string[] = [];
    while (!reader.take("}")) {
      if (!reader.take("interface")) {
        this.skip(reader, ["debug"]);
        continue;
      }
      do interfaces.push((reader.take("-") ? "-" : "") + reader.string());
      while (reader.take(","));
      reader.expect(";");
    }
    return { kind: "direct", name, interfaces: interfaces.length === 0 ? ["*"] : interfaces };
  }

  private on(reader: TokenReader): boolean {
    if (reader.take("off") || reader.take("no")) return false;
    if (!reader.take("on")) reader.take("yes");
    return true;
  }

  private bgp(reader: TokenReader, out: Mutable<BgpConfig>): BgpConfig {
    while (!reader.take("}")) {
      if (!this.bgpOption(reader, out)) this.skip(reader, ["debug", "ttl", "multihop", "gateway"]);
      else reader.expect(";");
    }
    return out;
  }

  /** One option of a BGP protocol; false when it is one that changes nothing. */
  private bgpOption(reader: TokenReader, out: Mutable<BgpConfig>): boolean {
    if (reader.take("description")) out.description = reader.string();
    else if (reader.take("local")) {
      reader.expect("as");
      out.localAs = reader.number();
    } else if (reader.take("neighbor")) {
      out.neighbor = reader.ip();
      if (reader.take("port")) out.neighborPort = reader.number();
      reader.expect("as");
      out.neighborAs = reader.number();
    } else if (reader.take("source")) {
      reader.expect("address");
      out.source = reader.ip();
    } else if (reader.take("import")) out.importFilter = this.filter(reader);
    else if (reader.take("export")) out.exportFilter = this.filter(reader);
    else if (reader.take("passive")) out.passive = this.on(reader);
    else if (reader.take("rr")) {
      if (reader.take("client")) out.rrClient = true;
      else {
        reader.expect("cluster");
        reader.expect("id");
        out.rrClusterId = reader.ip();
      }
    } else if (reader.take("next")) {
      reader.expect("hop");
      out.nextHop = reader.take("self") ? "self" : "keep";
      if (out.nextHop === "keep") reader.expect("keep");
    } else return this.bgpTimes(reader, out);
    return true;
  }

  private bgpTimes(reader: TokenReader, out: Mutable<BgpConfig>): boolean {
    if (reader.take("add")) {
      reader.expect("paths");
      out.addPaths = this.on(reader);
    } else if (reader.take("graceful")) {
      reader.expect("restart");
      if (reader.take("time")) out.restartTime = reader.number();
      else out.gracefulRestart = this.on(reader);
    } else if (reader.take("connect")) {
      const what = reader.word();
      reader.expect("time");
      if (what === "delay") out.connectDelay = reader.number();
      else out.connectRetry = reader.number();
    } else if (reader.take("error")) {
      reader.expect("wait");
      reader.expect("time");
      out.errorWaitMin = reader.number();
      reader.expect(",");
      out.errorWaitMax = reader.number();
    } else if (reader.take("hold")) {
      reader.expect("time");
      out.holdTime = reader.number();
    } else return false;
    return true;
  }
}

/** Reads bird.cfg. Throws ConfigFault, or an Error when a file is missing. */
export function parseBirdConfig(path: string, readFile: ReadFile): BirdConfig {
  return new ConfigParser(readFile).config(path);
}
