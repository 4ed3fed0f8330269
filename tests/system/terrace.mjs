// Runs the program under test ($TERRACE) on a copy of the examples, so that nobody's own data is touched.
import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const program = process.env.TERRACE ?? join(root, "target/release/terrace");
const workplace = join(root, "target/workplace");

/** A copy of `examples` with only what git knows; builds in it are kept from one run to the next. */
export function examples() {
  const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "examples"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const file of files.split("\0").filter(Boolean)) {
    const [from, to] = [join(root, file), join(workplace, file)];
    if (!existsSync(from)) continue;
    if (existsSync(to) && statSync(to).mtimeMs >= statSync(from).mtimeMs) continue;
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to, { preserveTimestamps: true });
  }
  return join(workplace, "examples");
}

/** Runs `terrace ARGS` to its end and gives what it printed on standard output. */
export async function terrace(...args) {
  const { stdout } = await promisify(execFile)(program, args, {
    maxBuffer: 64 << 20,
    timeout: 20 * 60_000,
    env: { ...process.env, NO_COLOR: "1" },
  });
  return stdout;
}

/** Raises a system from no data, and gives its endpoints (`base` for requests); `down` ends it. */
export async function up(manifest, ...options) {
  await terrace("stop", manifest).catch(() => {});
  rmSync(stateOf(manifest), { recursive: true, force: true });
  const endpoints = JSON.parse(await terrace("up", manifest, "--detach", "--json", ...options));
  return { ...endpoints, base: endpoints.url.replace("localhost", "127.0.0.1").replace(/\/$/, ""), down: () => terrace("stop", manifest) };
}

function stateOf(manifest) {
  if (!manifest.endsWith(".toml")) return join(manifest, ".terrace");
  const stem = manifest.split("/").pop().slice(0, -".toml".length);
  const folder = join(dirname(manifest), ".terrace");
  return stem === "terrace" ? folder : join(folder, stem);
}

export async function status(manifest) {
  return JSON.parse(await terrace("status", manifest, "--json"));
}

/** Waits until `holds` gives something true, and gives that; fails with `what` when the deadline has passed. */
export async function until(what, holds, seconds = 60) {
  const deadline = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      const value = await holds();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`within ${seconds} s it did not come true that ${what}${last ? `: ${last}` : ""}`);
    await pause(50);
  }
}
