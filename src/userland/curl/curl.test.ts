import { beforeEach, describe, expect, test } from "vitest";
import { utf8Encode } from "../../base/utf8.ts";
import { Console } from "../../testkit/console.ts";

/** curl 7.88.1, wget 1.21.3 and python3 -m http.server between two namespaces; the words were recorded. */
let console: Console;

beforeEach(() => {
  console = new Console();
  console.setUp(`ns a b
    wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
    ip -n a addr add 10.1.0.1/24 dev eth0
    ip -n b addr add 10.1.0.2/24 dev eth0`);
  console.host.fs.mkdir("/www");
  console.host.fs.mkdir("/www/dir");
  console.host.fs.write("/www/index.html", utf8Encode("hi\n"), "truncate");
  console.host.fs.write("/www/dir/index.html", utf8Encode("index\n"), "truncate");
  console.start("ip netns exec b python3 -m http.server 80 --directory /www");
  console.run("true");
});

const at = (line: string) => console.run(`ip netns exec a ${line}`);
/** A server that says this to whoever connects first. */
const says = (port: number, text: string) => {
  console.start(`ip netns exec b nc -lN ${port}`, text);
  console.run("true");
};

describe("curl", () => {
  test("a page, its head, what is said about it", () => {
    expect(at("curl -s http://10.1.0.2/")).toMatchObject({ status: 0, text: "hi\n" });
    expect(at("curl -sI http://10.1.0.2/").text).toMatch(
      /^HTTP\/1\.0 200 OK\r\nServer: SimpleHTTP\/0\.6 Python\/3\.11\.2\r\nDate: .* GMT\r\nContent-type: text\/html\r\nContent-Length: 3\r\n/,
    );
    expect(at("curl -sL http://10.1.0.2/dir").text).toBe("index\n");
    expect(at("curl -s http://10.1.0.2/dir").text).toBe("");
    expect(
      at(
        "curl -s -o /dev/null -w '%{http_code} %{size_download} %{remote_ip}:%{remote_port} %{content_type}\\n' 10.1.0.2",
      ).text,
    ).toBe("200 3 10.1.0.2:80 text/html\n");
    expect(at("curl -sSf http://10.1.0.2/nothing")).toMatchObject({
      status: 22,
      text: "curl: (22) The requested URL returned error: 404\n",
    });
    expect(at("curl -sSi -d a=b http://10.1.0.2/").text).toMatch(
      /^HTTP\/1\.0 501 Unsupported method \('POST'\)\r\n/,
    );
  });

  test("-v tells it as it goes", () => {
    expect(
      at("curl -sv --resolve web:80:10.1.0.2 http://web/").text.replace(/(Date|Last-Modified): .*/g, "$1"),
    ).toBe(
      "* Added web:80:10.1.0.2 to DNS cache\n* Hostname web was found in DNS cache\n*   Trying 10.1.0.2:80...\n" +
        "* Connected to web (10.1.0.2) port 80 (#0)\n> GET / HTTP/1.1\r\n> Host: web\r\n> User-Agent: curl/7.88.1\r\n".replaceAll(
          "\r",
          "",
        ) +
        "> Accept: */*\n> \n* HTTP 1.0, assume close after body\n< HTTP/1.0 200 OK\n< Server: SimpleHTTP/0.6 Python/3.11.2\n" +
        "< Date\n< Content-type: text/html\n< Content-Length: 3\n< Last-Modified\n< \n{ [3 bytes data]\nhi\n* Closing connection 0\n",
    );
  });

  test.each([
    [
      "-sS http://10.1.0.2:81/",
      7,
      "curl: (7) Failed to connect to 10.1.0.2 port 81 after 0 ms: Couldn't connect to server\n",
    ],
    ["-s http://10.1.0.2:81/", 7, ""],
    ["-sS -m 1 http://10.1.0.99/", 28, "curl: (28) Connection timed out after 1001 milliseconds\n"],
    [
      "-sS --connect-timeout 1 http://10.1.0.99/",
      28,
      "curl: (28) Failed to connect to 10.1.0.99 port 80 after 1001 ms: Timeout was reached\n",
    ],
    ["-sS http://nosuchhost/", 6, "curl: (6) Could not resolve host: nosuchhost\n"],
    ["", 2, "curl: try 'curl --help' or 'curl --manual' for more information\n"],
    [
      "--foo",
      2,
      "curl: option --foo: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
    ],
    [
      "-m x http://10.1.0.2/",
      2,
      "curl: option -m: expected a proper numerical parameter\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
    ],
    ["http://", 3, "curl: (3) URL using bad/illegal format or missing URL\n"],
    ["foo://10.1.0.2/", 1, 'curl: (1) Protocol "foo" not supported or disabled in libcurl\n'],
    [
      "-ksS https://10.1.0.2/",
      7,
      "curl: (7) Failed to connect to 10.1.0.2 port 443 after 0 ms: Couldn't connect to server\n",
    ],
  ])("curl %s", (words, status, text) => {
    expect(at(`curl ${words}`)).toMatchObject({ status, text });
  });

  test.each([
    ["", 52, "curl: (52) Empty reply from server\n"],
    ["garbage\n", 1, "curl: (1) Received HTTP/0.9 when not allowed\n"],
    [
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
      18,
      "abccurl: (18) transfer closed with 7 bytes remaining to read\n",
    ],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 0, "abc"],
  ])("a server that says %j", (said, status, text) => {
    if (said === "") {
      console.start("ip netns exec b nc -lN 90");
      console.run("true");
    } else says(90, said);
    expect(at("curl -sS http://10.1.0.2:90/")).toMatchObject({ status, text });
  });

  test("a server that says nothing: -m", () => {
    console.start("ip netns exec b nc -ld 90");
    console.run("true");
    expect(at("curl -sS -m1 http://10.1.0.2:90/")).toMatchObject({
      status: 28,
      text: "curl: (28) Operation timed out after 1001 milliseconds with 0 bytes received\n",
    });
  });

  test("the progress meter of a refused connection", () => {
    expect(at("curl http://10.1.0.2:81/").text).toBe(
      "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n" +
        "                                 Dload  Upload   Total   Spent    Left  Speed\n" +
        "  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0\r" +
        "  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0\n" +
        "curl: (7) Failed to connect to 10.1.0.2 port 81 after 0 ms: Couldn't connect to server\n",
    );
  });
});

describe("wget", () => {
  test.each([
    ["-qO- http://10.1.0.2/", 0, "hi\n"],
    ["-q http://10.1.0.2/nothing", 8, ""],
    ["-qO- -T 1 -t 1 http://10.1.0.99/", 4, ""],
    ["", 1, "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n"],
    [
      "--foo",
      2,
      "wget: unrecognized option '--foo'\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n",
    ],
    [
      "-O- -t1 http://10.9.0.98/",
      4,
      "--T--  http://10.9.0.98/\nConnecting to 10.9.0.98:80... failed: Network is unreachable.\n",
    ],
    [
      "-O- http://10.1.0.2:81/",
      4,
      "--T--  http://10.1.0.2:81/\nConnecting to 10.1.0.2:81... failed: Connection refused.\n",
    ],
    [
      "-O- -T 1 -t 2 http://10.1.0.99/",
      4,
      "--T--  http://10.1.0.99/\nConnecting to 10.1.0.99:80... failed: Connection timed out.\nRetrying.\n\n" +
        "--T--  (try: 2)  http://10.1.0.99/\nConnecting to 10.1.0.99:80... failed: Connection timed out.\nGiving up.\n\n",
    ],
    [
      "-O- http://10.1.0.2/nothing",
      8,
      "--T--  http://10.1.0.2/nothing\nConnecting to 10.1.0.2:80... connected.\n" +
        "HTTP request sent, awaiting response... 404 File not found\nT ERROR 404: File not found.\n\n",
    ],
    ["-nv -O- http://10.1.0.2/", 0, 'hi\nT URL:http://10.1.0.2/ [3/3] -> "-" [1]\n'],
  ])("wget %s", (words, status, text) => {
    const ran = at(`wget ${words}`);
    expect({ status: ran.status, text: ran.text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "T") }).toEqual({
      status,
      text,
    });
  });
});
