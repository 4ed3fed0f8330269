// The running system under faults and load: what is killed comes back by itself, no idempotent request fails while a
// replica is left, and nothing that was acknowledged is lost.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { load, request } from "./load.mjs";
import { examples, status, up, until } from "./terrace.mjs";

const manifest = join(examples(), "items");
let system;
let running;

before(async () => {
  system = await up(manifest);
  running = load(system.base);
  await until("reads and writes succeed", () => running.reads.done > 100 && running.writes.acknowledged.length > 10);
}, { timeout: 20 * 60_000 });

after(async () => {
  await running?.stop();
  await system?.down();
});

const named = async (name) => (await status(manifest)).processes.filter((p) => p.process === name);

/** Kills a process and waits until another stands healthy in its place and takes requests. */
async function killed(victim) {
  process.kill(victim.pid, "SIGKILL");
  await until(`${victim.name} is replaced and healthy`, async () => {
    const now = await status(manifest);
    const gone = now.processes.every((p) => p.pid !== victim.pid);
    return gone && now.healthy;
  });
  const done = running.reads.done;
  await until("reads go on", () => running.reads.done > done + 200);
}

test("no read fails while replicas are killed in turn", { timeout: 180_000 }, async () => {
  const replicas = await named("app");
  assert.equal(replicas.length, 2);
  for (const replica of replicas) await killed(replica);
  assert.deepEqual(running.reads.failed, []);
});

test("no read fails while the web tier is killed", { timeout: 120_000 }, async () => {
  const [web] = await named("web");
  await killed(web);
  assert.deepEqual(running.reads.failed, []);
});

test("the database comes back, and with it every acknowledged write", { timeout: 180_000 }, async () => {
  const [database] = await named("data");
  const before = running.writes.acknowledged.length;
  await killed(database);
  await until("writes are acknowledged again", () => running.writes.acknowledged.length > before + 50);
  running.forgive();
  const acknowledged = [...running.writes.acknowledged];
  for (const { id, name } of acknowledged) {
    const { status, body } = await request(running.agent, `${system.base}/api/items/${id}`);
    assert.equal(status, 200, `item ${id} was acknowledged and is gone`);
    assert.equal(JSON.parse(body).name, name);
  }
});

test("afterwards everything is healthy, and reads succeed", { timeout: 60_000 }, async () => {
  running.forgive();
  const done = running.reads.done;
  await until("reads go on", () => running.reads.done > done + 500);
  assert.deepEqual(running.reads.failed, []);
  assert.ok((await status(manifest)).healthy);
});
