#!/usr/bin/env node
// Raises each stack in turn with `terrace up`, walks the page's whole life in a browser on it, takes it down.
// Screenshots are kept in $ARTEFACTS/STACK.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { examples, up } from "../system/terrace.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const artefacts = process.env.ARTEFACTS ?? join(here, "../../target/artefacts/browser");
const stacks = {
  "ec2-postgres": "items",
  "fargate-mysql": "items/terrace.fargate.toml",
  "fastapi-postgres": "fastapi",
};

const folder = examples();
const failed = [];
for (const [stack, manifest] of Object.entries(stacks)) {
  console.log(`\n-- ${stack}`);
  const system = await up(join(folder, manifest));
  try {
    const walked = spawnSync("npm", ["test", "--silent"], {
      cwd: here,
      stdio: "inherit",
      env: { ...process.env, BASE_URL: system.url, ARTEFACTS: join(artefacts, stack) },
    });
    if (walked.status !== 0) failed.push(stack);
  } finally {
    await system.down();
  }
}
if (failed.length > 0) {
  console.error(`failed: ${failed.join(", ")}`);
  process.exit(1);
}
