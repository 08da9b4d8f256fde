/** What nginx says of itself. Models: ngx_http_special_response.c. */

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  204: "No Content",
  301: "Moved Permanently",
  302: "Moved Temporarily",
  303: "See Other",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Authorization Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Not Allowed",
  408: "Request Time-out",
  413: "Request Entity Too Large",
  414: "Request-URI Too Large",
  421: "Misdirected Request",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Temporarily Unavailable",
  504: "Gateway Time-out",
  505: "HTTP Version Not Supported",
};

/** The words of the status line. */
export function reasonOf(status: number): string {
  return REASONS[status] ?? "";
}

/** The page for a status. `signature` is `nginx`, or `nginx/VERSION` where server_tokens is on. */
export function statusPage(status: number, signature: string, more = ""): string {
  const title = `${status} ${reasonOf(status)}`;
  const what = more === "" ? "" : `<center>${more}</center>\r\n`;
  return (
    `<html>\r\n<head><title>${more === "" ? title : `${status} ${more}`}</title></head>\r\n<body>\r\n` +
    `<center><h1>${title}</h1></center>\r\n${what}<hr><center>${signature}</center>\r\n</body>\r\n</html>\r\n`
  );
}
