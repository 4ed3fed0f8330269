import { useEffect, useRef, useState } from "react";
import { CloseIcon, SearchIcon } from "./icons.tsx";

const PAUSE_MS = 250;

/** The search box: looks while one types, a quarter of a second behind. */
export function SearchField({ q, onSearch }: { q: string; onSearch: (q: string) => void }) {
  const [text, setText] = useState(q);
  const [asked, setAsked] = useState(q);
  const input = useRef<HTMLInputElement>(null);

  // The address changed from elsewhere (back, a cleared search): follow it.
  if (q !== asked) {
    setAsked(q);
    if (q !== text.trim()) setText(q);
  }

  const search = useRef(onSearch);
  useEffect(() => {
    search.current = onSearch;
  });
  useEffect(() => {
    if (text.trim() === q) return;
    const timer = setTimeout(() => search.current(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, q]);

  return (
    <form
      className="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onSearch(text.trim());
      }}
    >
      <label className="visually-hidden" htmlFor="search">
        Search items
      </label>
      <SearchIcon />
      <input
        ref={input}
        id="search"
        type="search"
        name="q"
        maxLength={100}
        placeholder="Search items"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      {text !== "" && (
        <button
          type="button"
          className="icon-button search__clear"
          aria-label="Clear search"
          onClick={() => {
            setText("");
            onSearch("");
            input.current?.focus();
          }}
        >
          <CloseIcon />
        </button>
      )}
    </form>
  );
}
