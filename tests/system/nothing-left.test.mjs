// `kill -9` of terrace itself leaves nothing running: every descendant is ended within seconds, the database cleanly.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { examples, status, terrace, up, until } from "./terrace.mjs";

/** `pid` and every process below it. */
function below(pid) {
  const parents = new Map();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state !== "Z") parents.set(Number(entry), Number(parent));
    } catch {
      // It ended while we looked.
    }
  }
  const all = new Set([pid]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const [child, parent] of parents) {
      if (all.has(parent) && !all.has(child)) grew = Boolean(all.add(child));
    }
  }
  return [...all].filter((one) => parents.has(one));
}

const alive = (pid) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
  } catch {
    return false;
  }
};

test("kill -9 of terrace ends everything it started", { timeout: 20 * 60_000 }, async () => {
  const manifest = join(examples(), "items");
  await up(manifest);
  const { pid } = await status(manifest);
  const everything = below(pid);
  assert.ok(everything.length > 8, `only ${everything.length} processes were found below terrace`);
  process.kill(pid, "SIGKILL");
  await until("all of it is gone", () => !everything.some(alive), 30);

  // And the data that was there is there again, without a recovery from a crash.
  const again = JSON.parse(await terrace("up", manifest, "--detach", "--json"));
  const response = await fetch(new URL("/api/items", again.url));
  assert.equal(response.status, 200);
  await terrace("stop", manifest);
});
