/** The API of the same origin: every call ends in a value or an {@link ApiError}. */

export interface Item {
  id: number;
  name: string;
  description: string;
  price_cents: number;
  quantity: number;
  updated_at: string;
}

export interface Page {
  items: Item[];
  page: number;
  per_page: number;
  total: number;
}

export interface Draft {
  name: string;
  description: string;
  /** Absent: not given. Null: given, but not a number; the API says what it wants instead. */
  price_cents?: number | null;
  quantity?: number | null;
}

export type Field = keyof Draft;
export type FieldErrors = Partial<Record<Field, string>>;

const FIELDS: readonly Field[] = ["name", "description", "price_cents", "quantity"];
const PATIENCE_MS = 15_000;

export class ApiError extends Error {
  constructor(
    message: string,
    /** Zero where no answer came at all. */
    readonly status: number,
    readonly fields: FieldErrors = {},
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export async function listItems(
  query: { q: string; page: number; perPage: number },
  signal: AbortSignal,
): Promise<Page> {
  const parameters = new URLSearchParams({ page: String(query.page), per_page: String(query.perPage) });
  if (query.q !== "") parameters.set("q", query.q);
  const body = await call("GET", `/api/items?${parameters}`, undefined, signal);
  if (!isPage(body)) throw unexpected();
  return body;
}

export async function findItem(id: number, signal: AbortSignal): Promise<Item> {
  return asItem(await call("GET", `/api/items/${id}`, undefined, signal));
}

export async function addItem(draft: Draft): Promise<Item> {
  return asItem(await call("POST", "/api/items", draft));
}

export async function replaceItem(id: number, draft: Draft): Promise<Item> {
  return asItem(await call("PUT", `/api/items/${id}`, draft));
}

export async function deleteItem(id: number): Promise<void> {
  await call("DELETE", `/api/items/${id}`);
}

async function call(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<unknown> {
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  const init: RequestInit = {
    method,
    headers: { accept: "application/json" },
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  };
  if (body !== undefined) {
    init.headers = { accept: "application/json", "content-type": "application/json" };
    init.body = JSON.stringify(body);
  }
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(path, init);
    answer = await readJson(response);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError("The server did not answer. Check your connection and try again.", 0);
  }
  if (response.ok) return answer;
  throw asError(response.status, answer);
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function asError(status: number, answer: unknown): ApiError {
  const detail = isRecord(answer) && typeof answer["detail"] === "string" ? answer["detail"] : undefined;
  if (status >= 500) {
    return new ApiError("The server has trouble answering right now. Try again in a moment.", status);
  }
  const fields: FieldErrors = {};
  if (isRecord(answer) && Array.isArray(answer["errors"])) {
    for (const error of answer["errors"] as unknown[]) {
      if (!isRecord(error) || typeof error["detail"] !== "string") continue;
      const field = FIELDS.find((name) => error["pointer"] === `#/${name}`);
      if (field !== undefined) fields[field] ??= error["detail"];
    }
  }
  return new ApiError(detail ?? "The server did not accept this.", status, fields);
}

function asItem(body: unknown): Item {
  if (!isItem(body)) throw unexpected();
  return body;
}

function unexpected(): ApiError {
  return new ApiError("The server gave an answer this page does not understand.", 502);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isItem(value: unknown): value is Item {
  return (
    isRecord(value) &&
    typeof value["id"] === "number" &&
    typeof value["name"] === "string" &&
    typeof value["description"] === "string" &&
    typeof value["price_cents"] === "number" &&
    typeof value["quantity"] === "number" &&
    typeof value["updated_at"] === "string"
  );
}

function isPage(value: unknown): value is Page {
  return (
    isRecord(value) &&
    typeof value["total"] === "number" &&
    typeof value["page"] === "number" &&
    typeof value["per_page"] === "number" &&
    Array.isArray(value["items"]) &&
    value["items"].every(isItem)
  );
}
