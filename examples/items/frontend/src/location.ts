/** What the address bar says, as a value, and the way to change it. */

import { useSyncExternalStore } from "react";

export type View =
  | { name: "list" }
  | { name: "new" }
  | { name: "edit"; id: number }
  | { name: "unknown" };

export interface Place {
  view: View;
  q: string;
  page: number;
}

const CHANGED = "stockroom:place";

export function usePlace(): Place {
  const href = useSyncExternalStore(subscribe, () => window.location.pathname + window.location.search);
  return parse(href);
}

export function parse(href: string): Place {
  const url = new URL(href, "http://page");
  const page = Number(url.searchParams.get("page") ?? "1");
  return {
    view: parseView(url.pathname),
    q: (url.searchParams.get("q") ?? "").slice(0, 100),
    page: Number.isInteger(page) && page >= 1 && page <= 1_000_000 ? page : 1,
  };
}

function parseView(path: string): View {
  if (path === "/" || path === "/items" || path === "/items/") return { name: "list" };
  if (path === "/items/new") return { name: "new" };
  const id = /^\/items\/([1-9]\d{0,15})$/.exec(path)?.[1];
  return id === undefined ? { name: "unknown" } : { name: "edit", id: Number(id) };
}

export function href({ view, q, page }: Place): string {
  const parameters = new URLSearchParams();
  if (q !== "") parameters.set("q", q);
  if (page !== 1) parameters.set("page", String(page));
  const query = parameters.size > 0 ? `?${parameters}` : "";
  const path = view.name === "new" ? "/items/new" : view.name === "edit" ? `/items/${view.id}` : "/";
  return path + query;
}

export function go(place: Place, how: "push" | "replace" = "push"): void {
  const target = href(place);
  if (target === window.location.pathname + window.location.search) return;
  if (how === "push") window.history.pushState(null, "", target);
  else window.history.replaceState(null, "", target);
  window.dispatchEvent(new Event(CHANGED));
}

function subscribe(notify: () => void): () => void {
  window.addEventListener("popstate", notify);
  window.addEventListener(CHANGED, notify);
  return () => {
    window.removeEventListener("popstate", notify);
    window.removeEventListener(CHANGED, notify);
  };
}
