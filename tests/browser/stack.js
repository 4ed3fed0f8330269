/**
 * The stack under test, seen from outside: a browser at BASE_URL, screenshots into ARTEFACTS.
 *
 * Whatever the page writes to its console as an error fails the test, unless the test said
 * beforehand that it provokes it.
 */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import axe from "axe-core";
import { chromium } from "playwright-core";

const base = process.env.BASE_URL;
if (base === undefined) throw new Error("BASE_URL is missing: say where the page is, such as http://127.0.0.1:8080");
export const BASE = new URL(base).origin;
if (!["127.0.0.1", "localhost", "[::1]"].includes(new URL(BASE).hostname)) {
  throw new Error(`BASE_URL is ${BASE}: these tests delete every item, so they only run against this machine`);
}

const artefacts = path.resolve(process.env.ARTEFACTS ?? new URL("../../target/browser", import.meta.url).pathname);
mkdirSync(artefacts, { recursive: true });

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    chromiumSandbox: false,
    args: FLAGS,
  });
}

/** A fresh window; `errors` collects what its console complains about. */
export async function open(browser, { width = 1280, height = 800, dark = false, phone = false } = {}) {
  const context = await browser.newContext({
    baseURL: BASE,
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    reducedMotion: "reduce",
    ignoreHTTPSErrors: true,
    ...(phone && { deviceScaleFactor: 2, hasTouch: true, isMobile: true }),
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`${message.text()} (${message.location().url})`);
  });
  return {
    page,
    errors,
    /** Takes out complaints about answers of the API that the test asked for, and closes. */
    async close(provoked = []) {
      const left = errors.filter((error) => !provoked.some((pattern) => pattern.test(error)));
      await context.close();
      assert.deepEqual(left, [], "the console has errors");
    },
  };
}

export async function screenshot(page, name) {
  await page.screenshot({ path: path.join(artefacts, `${name}.png`) });
}

/** No accessibility rule that a machine can check is broken. */
export async function assertAccessible(page, where) {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const result = await globalThis.axe.run(document);
    return result.violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map((node) => node.html) }));
  });
  assert.deepEqual(violations, [], `accessibility of ${where}`);
}

/** Polls until `probe` gives a value that satisfies `accept`. */
export async function eventually(probe, accept, what) {
  const deadline = Date.now() + 15_000;
  let last;
  do {
    last = await probe();
    if (accept(last)) return last;
    await new Promise((resolve) => setTimeout(resolve, 25));
  } while (Date.now() < deadline);
  assert.fail(`${what}: still ${JSON.stringify(last)}`);
}

async function api(method, route, body) {
  const response = await fetch(BASE + route, {
    method,
    ...(body !== undefined && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  assert.ok(response.ok, `${method} ${route} answered ${response.status}`);
  return response.status === 204 ? undefined : response.json();
}

export const add = (item) => api("POST", "/api/items", item);

export async function deleteAll() {
  for (;;) {
    const { items } = await api("GET", "/api/items?per_page=100");
    if (items.length === 0) return;
    for (const { id } of items) await api("DELETE", `/api/items/${id}`);
  }
}
