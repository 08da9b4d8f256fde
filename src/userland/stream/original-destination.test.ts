import { expect, test } from "vitest";
import { must } from "../../base/result.ts";
import { Console } from "../../testkit/console.ts";
import { formatAddress } from "../../wire/ip-address.ts";
import { IPV4_ANY } from "../../wire/address.ts";

test("SO_ORIGINAL_DST: a redirected connection knows where it was going", () => {
  const console = new Console();
  console.setUp(`ns a b
    wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
    ip -n a addr add 10.1.0.1/24 dev eth0
    ip -n b addr add 10.1.0.2/24 dev eth0
    ip -n a route add default via 10.1.0.2
    ip netns exec b iptables -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 15001`);
  const netns = must(console.host.netnsNames.get("b"), "b");
  const listener = console.kernel.open(netns, { name: "test" }).socket.tcp("proxy");
  listener.bind({ address: IPV4_ANY, port: 15001 });
  listener.listen(5);
  console.start("ip netns exec a nc -d 10.96.0.1 80");
  console.run("ip netns exec a ping -c2 127.0.0.1");
  const got = listener.accept();
  const child = got.ok ? got.value : undefined;
  const meant = child?.originalDestination();
  expect(meant?.ok === true && `${formatAddress(meant.value.address)}:${meant.value.port}`).toBe(
    "10.96.0.1:80",
  );
  expect(child?.local().port).toBe(15001);
});
