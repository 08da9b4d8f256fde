import { expect, test } from "vitest";
import { Console } from "../../testkit/console.ts";

/** iproute2 6.1's columns, recorded: as wide as their widest cell, Process joined to the port. */
test("listeners", () => {
  const console = new Console();
  expect(console.run("ss -uln").text).toBe(
    "State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n",
  );
  console.start("nc -luk 5000");
  console.start("nc -luk 53");
  console.run("ping -c1 127.0.0.1");
  expect(console.run("ss -lun").text).toBe(
    "State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n" +
      "UNCONN 0      0            0.0.0.0:5000      0.0.0.0:*          \n" +
      "UNCONN 0      0            0.0.0.0:53        0.0.0.0:*          \n",
  );
  expect(console.run("ss -tunH").text).toBe("");
  expect(console.run("ss -p")).toMatchObject({
    status: 95,
    text: "flannelgraph: ss -p is not modelled yet\n",
  });
});
