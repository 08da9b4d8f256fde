import { describe, expect, test } from "vitest";
import { EventQueue } from "./queue.ts";
import { Interrupted, Signal, sleep, spawn, type Task } from "./task.ts";
import { millis, seconds } from "./time.ts";

describe("a task", () => {
  test("runs until it first waits, then when the queue says", () => {
    const queue = new EventQueue();
    const said: string[] = [];
    spawn(
      queue,
      (function* (): Task<void> {
        said.push("begin");
        yield* sleep(seconds(1));
        said.push(`end at ${queue.now}`);
      })(),
    );
    said.push("beside");
    queue.runUntil(seconds(2));
    expect(said).toEqual(["begin", "beside", "end at 1000000000"]);
  });

  test("is interrupted in its wait by a signal that it handles, and ended by one that it does not", () => {
    const queue = new EventQueue();
    const heard: string[] = [];
    const coroutine = spawn(
      queue,
      (function* (): Task<string> {
        try {
          yield* sleep(seconds(9));
        } catch (error) {
          if (error instanceof Interrupted) heard.push(error.signal);
        }
        yield* sleep(seconds(9));
        return "done";
      })(),
    );
    coroutine.handled.add("INT");
    coroutine.kill("INT");
    queue.runUntil(seconds(1));
    coroutine.kill("TERM");
    expect(heard).toEqual(["INT"]);
    expect(coroutine.outcome).toEqual({ kind: "killed", signal: "TERM" });
  });
});

describe("a signal", () => {
  test("wakes those who wait, in the order in which they came", () => {
    const queue = new EventQueue();
    const signal = new Signal<number>();
    const got: string[] = [];
    for (const name of ["a", "b"]) {
      spawn(
        queue,
        (function* (): Task<void> {
          got.push(`${name}${yield* signal.wait()}`);
        })(),
      );
    }
    signal.fire(7);
    queue.runUntil(seconds(1));
    expect(got).toEqual(["a7", "b7"]);
  });

  test("lets go of one who waited long enough", () => {
    const queue = new EventQueue();
    const signal = new Signal<number>();
    const got: (number | undefined)[] = [];
    spawn(
      queue,
      (function* (): Task<void> {
        got.push(yield* signal.waitAtMost(millis(5)));
        got.push(yield* signal.waitAtMost(seconds(5)));
      })(),
    );
    queue.runUntil(millis(10));
    signal.fire(3);
    queue.runUntil(seconds(1));
    expect(got).toEqual([undefined, 3]);
  });
});
