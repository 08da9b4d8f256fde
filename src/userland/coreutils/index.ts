import type { Program } from "../os/process.ts";
import { program } from "../args/exit.ts";
import { awk } from "./awk/index.ts";
import { base64 } from "./base64.ts";
import { cat } from "./cat.ts";
import { column } from "./column.ts";
import { cut, tr } from "./cut-tr.ts";
import { diff } from "./diff.ts";
import { chmod, cp, mkdir, mkfifo, mktemp, mv, rm, rmdir, touch } from "./files.ts";
import { expr } from "./expr.ts";
import { find } from "./find.ts";
import { grep } from "./grep.ts";
import { head, tail } from "./head-tail.ts";
import { hexdump } from "./hexdump.ts";
import { nl, paste, rev, tac, tee, uniq, wc } from "./lines.ts";
import { ls } from "./ls.ts";
import { nsenter, unshare } from "./namespace.ts";
import { od } from "./od.ts";
import { basename, dirname, pwd, realpath } from "./paths.ts";
import { env, runInPlace, xargs } from "./run.ts";
import { sed } from "./sed/index.ts";
import { sort } from "./sort.ts";
import { hostname, id, kill, pgrep, pkill, ps, uname, which, whoami } from "./system.ts";
import { date, sleep, timeout } from "./time.ts";
import { clear, echo, fail, nproc, printf, seq, succeed, test, yes } from "./trivial.ts";

const TOOLS: readonly (readonly [string, Program])[] = [
  ["[", test],
  ["awk", awk],
  ["base64", base64],
  ["basename", basename],
  ["cat", cat],
  ["chmod", chmod],
  ["clear", clear],
  ["column", column],
  ["cp", cp],
  ["cut", cut],
  ["date", date],
  ["diff", diff],
  ["dirname", dirname],
  ["echo", echo],
  ["egrep", grep],
  ["env", env],
  ["expr", expr],
  ["false", fail],
  ["fgrep", grep],
  ["find", find],
  ["grep", grep],
  ["head", head],
  ["hd", hexdump],
  ["hexdump", hexdump],
  ["hostname", hostname],
  ["id", id],
  ["kill", kill],
  ["ls", ls],
  ["mawk", awk],
  ["mkdir", mkdir],
  ["mkfifo", mkfifo],
  ["mktemp", mktemp],
  ["mv", mv],
  ["nice", runInPlace],
  ["nl", nl],
  ["nohup", runInPlace],
  ["nproc", nproc],
  ["nsenter", nsenter],
  ["od", od],
  ["paste", paste],
  ["pgrep", pgrep],
  ["pkill", pkill],
  ["printf", printf],
  ["ps", ps],
  ["pwd", pwd],
  ["readlink", realpath],
  ["realpath", realpath],
  ["rev", rev],
  ["rm", rm],
  ["rmdir", rmdir],
  ["sed", sed],
  ["seq", seq],
  ["setsid", runInPlace],
  ["sleep", sleep],
  ["sort", sort],
  ["stdbuf", runInPlace],
  ["tac", tac],
  ["tail", tail],
  ["tee", tee],
  ["test", test],
  ["timeout", timeout],
  ["touch", touch],
  ["tr", tr],
  ["true", succeed],
  ["uname", uname],
  ["uniq", uniq],
  ["unshare", unshare],
  ["wc", wc],
  ["which", which],
  ["whoami", whoami],
  ["xargs", xargs],
  ["yes", yes],
];

/** GNU's small tools and their neighbours, by the name that PATH finds. */
export const COREUTILS = TOOLS.map(([name, main]) => [name, program(main)] as const);
