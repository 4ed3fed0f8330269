/** What stands in the list's place when there is no list. */

import type { ReactNode } from "react";
import type { ApiError } from "../api.ts";
import { AlertIcon, PlusIcon } from "./icons.tsx";

function State({ art, title, children, action }: { art: ReactNode; title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="state">
      <div className="state__art" aria-hidden="true">
        {art}
      </div>
      <h2 className="state__title">{title}</h2>
      <p className="state__text">{children}</p>
      {action}
    </div>
  );
}

export function EmptyState({ onAdd }: { onAdd: () => void }) {
  return (
    <State
      art={<ShelfArt />}
      title="The shelves are empty"
      action={
        <button type="button" className="button button--primary" onClick={onAdd}>
          <PlusIcon />
          Add the first item
        </button>
      }
    >
      Add what you keep in stock, what it costs and how much of it is left.
    </State>
  );
}

export function NoResults({ q, onClear }: { q: string; onClear: () => void }) {
  return (
    <State
      art={<LensArt />}
      title={`Nothing found for “${q}”`}
      action={
        <button type="button" className="button" onClick={onClear}>
          Show all items
        </button>
      }
    >
      Names and descriptions are searched. Try fewer or other words.
    </State>
  );
}

export function NotFound() {
  return (
    <State
      art={<LensArt />}
      title="There is no such page"
      action={
        <a className="button" href="/">
          Go to the items
        </a>
      }
    >
      The link may be old or mistyped.
    </State>
  );
}

interface Failure {
  error: ApiError;
  retrying: boolean;
  onRetry: () => void;
}

export function ErrorState({ error, retrying, onRetry }: Failure) {
  return (
    <div role="alert">
      <State
        art={<CloudArt />}
        title="The items could not be loaded"
        action={
          <button type="button" className="button" onClick={onRetry} aria-disabled={retrying}>
            {retrying ? "Trying…" : "Try again"}
          </button>
        }
      >
        {error.message}
      </State>
    </div>
  );
}

export function StaleBanner({ error, retrying, onRetry }: Failure) {
  return (
    <div className="banner" role="alert">
      <AlertIcon />
      <p>
        <strong>This list may be out of date.</strong> {error.message}
      </p>
      <button type="button" className="button button--small" onClick={onRetry} aria-disabled={retrying}>
        {retrying ? "Trying…" : "Try again"}
      </button>
    </div>
  );
}

export function Skeleton() {
  return (
    <div className="list list--skeleton" aria-hidden="true">
      {[70, 45, 60, 38, 52].map((width) => (
        <div key={width} className="row">
          <span className="tile bone" />
          <div className="row__what">
            <span className={`bone bone--line bone--${width}`} />
            <span className="bone bone--line bone--short" />
          </div>
        </div>
      ))}
    </div>
  );
}

const ART = { viewBox: "0 0 96 72", width: 112, height: 84, fill: "none", strokeWidth: 2 } as const;

const ShelfArt = () => (
  <svg {...ART} stroke="currentColor" strokeLinecap="round" strokeLinejoin="round">
    <path d="M14 8v58M82 8v58M14 32h68M14 60h68" />
    <path className="state__accent" d="M26 32V18h16v14M54 60V44h18v16M63 44v6" />
    <path strokeDasharray="3 5" d="M50 32V20h20v12M24 60V46h20v14" />
  </svg>
);

const LensArt = () => (
  <svg {...ART} stroke="currentColor" strokeLinecap="round" strokeLinejoin="round">
    <path d="M14 16h30M14 28h20M14 40h16M14 52h24" strokeDasharray="3 5" />
    <circle className="state__accent" cx="58" cy="34" r="17" />
    <path className="state__accent" d="m71 47 13 13" />
  </svg>
);

const CloudArt = () => (
  <svg {...ART} stroke="currentColor" strokeLinecap="round" strokeLinejoin="round">
    <path d="M30 54h38a14 14 0 0 0 2-27.900A20 20 0 0 0 32 24a15 15 0 0 0-2 30z" />
    <path className="state__accent" d="m42 34 12 12M54 34 42 46" />
  </svg>
);
