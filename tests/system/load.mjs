// A steady load of reads and writes that remembers every failure and every acknowledged write.
import http from "node:http";

/** One request; resolves to `{status, body}`, rejects when the connection broke. */
export function request(agent, url, { method = "GET", body } = {}) {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = payload ? { "content-type": "application/json", "content-length": Buffer.byteLength(payload) } : {};
    const sent = http.request(url, { method, agent, headers, timeout: 30_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode, body: text }));
      response.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer within 30 s")));
    sent.on("error", reject);
    sent.end(payload);
  });
}

/** Starts `readers` and `writers` that go on until `stop` is called. */
export function load(base, { readers = 8, writers = 2 } = {}) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: readers + writers });
  const reads = { done: 0, failed: [] };
  const writes = { acknowledged: [], failed: [] };
  let going = true;

  async function read(paths) {
    for (let turn = 0; going; turn++) {
      const path = paths[turn % paths.length];
      const began = new Date().toISOString();
      try {
        const { status, body } = await request(agent, base + path);
        if (status >= 400) reads.failed.push(`${began} GET ${path}: ${status} ${body.slice(0, 200)}`);
        else reads.done++;
      } catch (error) {
        reads.failed.push(`${began} GET ${path}: ${error.message}`);
      }
    }
  }

  async function write(writer) {
    for (let turn = 0; going; turn++) {
      const name = `written by ${writer}, number ${turn}`;
      try {
        const { status, body } = await request(agent, `${base}/api/items`, { method: "POST", body: item(name) });
        if (status === 201) writes.acknowledged.push({ id: JSON.parse(body).id, name });
        else writes.failed.push(`POST: ${status}`);
      } catch (error) {
        writes.failed.push(`POST: ${error.message}`);
      }
    }
  }

  const running = [
    ...Array.from({ length: readers }, () => read(["/api/items?per_page=5", "/", "/api/items?page=2&per_page=5"])),
    ...Array.from({ length: writers }, (_, writer) => write(writer)),
  ];
  return {
    reads,
    writes,
    agent,
    /** Forgets the failures so far: they were allowed. */
    forgive() {
      reads.failed.length = 0;
    },
    async stop() {
      going = false;
      await Promise.all(running);
      agent.destroy();
    },
  };
}

export function item(name) {
  return { name, description: "", price_cents: 100, quantity: 1 };
}
