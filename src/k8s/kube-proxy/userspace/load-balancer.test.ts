import { expect, test } from "vitest";
import { nanos, seconds } from "../../../sim/time.ts";
import { ip } from "../../../testkit/net.ts";
import type { Endpoint } from "../endpoint.ts";
import { LoadBalancer } from "./load-balancer.ts";

function endpoint(port: number): Endpoint {
  return { address: ip("10.0.0.1"), port, ready: true, serving: true, terminating: false, local: false };
}

const THREE = [endpoint(1), endpoint(2), endpoint(3)];

function asked(balancer: LoadBalancer, times: number, client = "a"): (number | undefined)[] {
  return Array.from({ length: times }, () => balancer.next(client, nanos(0), false)?.port);
}

test("servers take turns, and go on taking turns when nothing changed", () => {
  const balancer = new LoadBalancer(0);
  balancer.update(THREE);
  expect(asked(balancer, 4)).toEqual([1, 2, 3, 1]);
  balancer.update([...THREE]);
  expect(asked(balancer, 2)).toEqual([2, 3]);
  balancer.update([endpoint(2)]);
  expect(asked(balancer, 2)).toEqual([2, 2]);
});

test("nobody is there", () => {
  expect(asked(new LoadBalancer(0), 1)).toEqual([undefined]);
});

test("with affinity a client stays, until it was away too long, its server does not answer, or is gone", () => {
  const balancer = new LoadBalancer(10);
  balancer.update(THREE);
  expect(asked(balancer, 2)).toEqual([1, 1]);
  expect(asked(balancer, 2, "b")).toEqual([2, 2]);
  expect(balancer.next("a", seconds(9), false)?.port).toBe(1);
  expect(balancer.next("a", seconds(18), false)?.port).toBe(1);
  expect(balancer.next("a", seconds(28), false)?.port).toBe(3);
  expect(balancer.next("a", seconds(28), true)?.port).toBe(1);
  balancer.update([endpoint(2), endpoint(3)]);
  expect(balancer.next("a", seconds(28), false)?.port).toBe(2);
});
