import { type Document, LineCounter, parseAllDocuments } from "yaml";
import { isRecord, type JsonRecord, withoutNulls } from "./json.ts";

/** One object of a manifest file, as the tree that its YAML or JSON stands for. */
export interface ManifestDocument {
  readonly value: JsonRecord;
  /** Which document of the file, from 1. */
  readonly document: number;
  /** The line of the file that it begins on, from 1. */
  readonly line: number;
}

/** Why a file could not be read on, and where. */
export interface ManifestError {
  readonly document: number;
  readonly line: number;
  readonly column: number;
  /** What kubectl says, without its `error: error parsing FILE: `; its line counts from the start of the document. */
  readonly kubectl: string;
  /** What to do about it, in one sentence. */
  readonly remedy: string;
}

export interface Manifest {
  /** The documents before the first broken one. */
  readonly documents: readonly ManifestDocument[];
  readonly error?: ManifestError;
}

/** What is read of the parser's error. */
interface SyntaxProblem {
  readonly code: string;
  readonly message: string;
  readonly pos: readonly number[];
}

interface Complaint {
  /** go-yaml's words for it. */
  readonly go: string;
  readonly remedy: string;
}

const KEY: Complaint = {
  go: "did not find expected key",
  remedy: "indent this line like its siblings (spaces, and the same number of them)",
};
const BAD_START: Complaint = {
  go: "found character that cannot start any token",
  remedy: "indent with spaces, not tabs, and quote text that begins with @, ` or %",
};

/** go-yaml's wording and a remedy for each way of going wrong. */
const COMPLAINTS: Readonly<Record<string, Complaint>> = {
  BLOCK_AS_IMPLICIT_KEY: {
    go: "mapping values are not allowed in this context",
    remedy: 'put text that contains ": " between quotes, or begin the key on a line of its own',
  },
  MULTILINE_IMPLICIT_KEY: {
    go: "could not find expected ':'",
    remedy: "end the key on this line with a colon and a space",
  },
  TAB_AS_INDENT: BAD_START,
  BAD_SCALAR_START: BAD_START,
  BAD_INDENT: KEY,
  UNEXPECTED_TOKEN: KEY,
  BLOCK_IN_FLOW: {
    go: "did not find expected ',' or '}'",
    remedy: "close the bracket or brace on this line",
  },
  BAD_ALIAS: { go: "unknown anchor referenced", remedy: "name an anchor (&name) that is defined further up" },
};

function complaintOf(error: SyntaxProblem): Complaint {
  const { code, message } = error;
  if (message.startsWith("Flow ") || (code === "MISSING_CHAR" && /[\]}]/.test(message))) {
    const bracket = message.includes("]") ? "]" : "}";
    return { go: `did not find expected ',' or '${bracket}'`, remedy: `close this with ${bracket}` };
  }
  if (code === "MISSING_CHAR") {
    return message.includes("quote")
      ? { go: "found unexpected end of stream", remedy: "close the quote that was opened here" }
      : { go: "could not find expected ':'", remedy: "end the key on this line with a colon and a space" };
  }
  return (
    COMPLAINTS[error.code] ?? { go: error.message.split("\n")[0]!.toLowerCase(), remedy: "correct this line" }
  );
}

/** Reads all documents of a file, in order, up to the first that is broken. Empty documents are passed over. */
export function parseManifest(text: string): Manifest {
  const counter = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter: counter,
    prettyErrors: false,
    // YAML 1.1 as Kubernetes reads it: `yes` and 0644 are a truth and an octal number; dates stay text.
    version: "1.1",
    customTags: (tags) => tags.filter((tag) => !UNREAD_TAGS.has(typeof tag === "string" ? tag : tag.tag)),
    uniqueKeys: false,
  });
  const documents: ManifestDocument[] = [];
  let number = 0;
  for (const document of "empty" in parsed ? [] : parsed) {
    number++;
    const start = counter.linePos(document.contents?.range[0] ?? document.range[0]).line;
    const broken = document.errors[0];
    if (broken !== undefined) return { documents, error: errorAt(broken, number, counter, text) };
    const read = readDocument(document);
    if (read.problem !== undefined) {
      const error = {
        document: number,
        line: start,
        column: 1,
        kubectl: read.problem,
        remedy: NOT_AN_OBJECT,
      };
      return { documents, error };
    }
    if (read.value !== undefined) documents.push({ value: read.value, document: number, line: start });
  }
  return { documents };
}

const UNREAD_TAGS = new Set([
  "tag:yaml.org,2002:timestamp",
  "tag:yaml.org,2002:binary",
  "tag:yaml.org,2002:omap",
  "tag:yaml.org,2002:pairs",
  "tag:yaml.org,2002:set",
]);

const NOT_AN_OBJECT = "begin the document with apiVersion:, kind: and metadata:";

function readDocument(document: Document.Parsed): { value?: JsonRecord; problem?: string } {
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    return {
      problem: `error converting YAML to JSON: yaml: ${error instanceof Error ? error.message : "bad alias"}`,
    };
  }
  if (value === null || value === undefined) return {};
  const tree = withoutNulls(value);
  if (!isRecord(tree)) {
    const type = Array.isArray(value) ? "array" : typeof value;
    return { problem: `json: cannot unmarshal ${type} into Go value of type unstructured.detector` };
  }
  return { value: tree };
}

function errorAt(error: SyntaxProblem, document: number, counter: LineCounter, text: string): ManifestError {
  const { line, col } = counter.linePos(error.pos[0] ?? 0);
  const { go, remedy } = complaintOf(error);
  const relative = line - documentStart(text, line);
  return {
    document,
    line,
    column: col,
    kubectl: `error converting YAML to JSON: yaml: line ${relative}: ${go}`,
    remedy,
  };
}

/** The last `---` above `line`: kubectl splits the file there and counts lines anew. */
function documentStart(text: string, line: number): number {
  const lines = text.split("\n");
  for (let i = line - 1; i >= 1; i--) if (lines[i - 1]!.startsWith("---")) return i;
  return 0;
}
