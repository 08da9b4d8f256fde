import type { Task } from "../../sim/task.ts";
import { program } from "../../userland/args/exit.ts";
import type { HttpHandler } from "../../userland/http/server.ts";
import { resolvePath } from "../../userland/os/fs.ts";
import { formatAddress } from "../../wire/ip-address.ts";
import type { ImageSpec } from "../runtime/images.ts";
import { httpDate, timeLocal } from "../servers/nginx/clock.ts";
import { answer, imageOf, pathOf, serveWeb, together } from "./serve.ts";

const ROOT = "/usr/local/apache2/htdocs";
const SERVER = "Apache/2.4.65 (Unix)";

const missing = (status: number, title: string, text: string): string =>
  `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${status} ${title}</title>\n</head><body>\n<h1>${title}</h1>\n<p>${text}</p>\n</body></html>\n`;

/** The server of the image `httpd`: files below htdocs. Its configuration is not read. */
const httpd = program(function* (process): Task<number> {
  const handler: HttpHandler = function* (call) {
    const { request, from } = call;
    const { fs } = process.host;
    const path = pathOf(call);
    let file = resolvePath(ROOT, `.${path}`);
    if (fs.stat(file)?.kind === "directory") file = `${file.replace(/\/$/, "")}/index.html`;
    const read = fs.read(file);
    const fields = [
      { name: "Date", value: httpDate(process.host.queue.now) },
      { name: "Server", value: SERVER },
    ];
    const said = read.ok
      ? answer(200, read.value, [
          ...fields,
          { name: "Accept-Ranges", value: "bytes" },
          { name: "Content-Type", value: "text/html" },
        ])
      : answer(404, missing(404, "Not Found", "The requested URL was not found on this server."), [
          ...fields,
          { name: "Content-Type", value: "text/html; charset=iso-8859-1" },
        ]);
    yield* process.print(
      `${formatAddress(from.address)} - - [${timeLocal(process.host.queue.now)}] "${request.method} ${request.target} ${request.version}" ${said.status} ${said.body.length}\n`,
    );
    return said;
  };
  const own = process.host.name;
  yield* process.printError(
    `AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${own}. Set the 'ServerName' directive globally to suppress this message\n`,
  );
  return yield* together(process, [serveWeb(process, 80, handler)]);
});

export const httpdImages: readonly ImageSpec[] = [
  {
    ...imageOf(
      "docker.io/library/httpd",
      new Map([["httpd-foreground", httpd]]),
      { "/usr/local/bin/httpd-foreground": "httpd-foreground" },
      [],
      ["httpd-foreground"],
    ),
    files: { [`${ROOT}/index.html`]: "<html><body><h1>It works!</h1></body></html>\n" },
  },
];
