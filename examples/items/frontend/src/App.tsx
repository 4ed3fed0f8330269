import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { type Item } from "./api.ts";
import { ConfirmDelete } from "./components/ConfirmDelete.tsx";
import { ItemEditor } from "./components/ItemEditor.tsx";
import { ItemList } from "./components/ItemList.tsx";
import { PlusIcon } from "./components/icons.tsx";
import { Pager } from "./components/Pager.tsx";
import { SearchField } from "./components/SearchField.tsx";
import { EmptyState, ErrorState, NoResults, NotFound, Skeleton, StaleBanner } from "./components/states.tsx";
import { Toast, type Note } from "./components/Toast.tsx";
import { formatNumber } from "./format.ts";
import { go, href, usePlace, type Place } from "./location.ts";
import { PER_PAGE, useItems } from "./useItems.ts";

export function App() {
  const place = usePlace();
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="topbar">
        <div className="topbar__inner">
          <a className="brand" href="/" onClick={follow({ view: { name: "list" }, q: "", page: 1 })}>
            <img src="/icon.svg" width="28" height="28" alt="" />
            Stockroom
          </a>
        </div>
      </header>
      <main id="main" className="page" tabIndex={-1}>
        {place.view.name === "unknown" ? <NotFound /> : <Items place={place} />}
      </main>
    </>
  );
}

function Items({ place }: { place: Place }) {
  const { view, q, page } = place;
  const { page: result, shown, loading, error, reload } = useItems(q, page);
  const [deleting, setDeleting] = useState<Item | null>(null);
  const [note, setNote] = useState<Note | null>(null);
  const [fresh, setFresh] = useState<number | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const opener = useRef<HTMLElement | null>(null);

  const list: Place = { view: { name: "list" }, q, page };
  const say = useCallback((text: string) => setNote({ text, key: Date.now() }), []);

  // A page past the end (the last item of the last page was deleted, or an old link) gives way
  // to the last one there is.
  const lastPage = result === null ? 1 : Math.max(1, Math.ceil(result.total / PER_PAGE));
  useEffect(() => {
    if (shown?.q === q && shown.page === page && page > lastPage) go({ view, q, page: lastPage }, "replace");
  }, [shown, q, page, lastPage, view]);

  useEffect(() => {
    document.title = view.name === "new" ? "Add item · Stockroom" : "Items · Stockroom";
  }, [view.name]);

  function open(view: Place["view"]) {
    opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    go({ ...list, view });
  }

  function close() {
    go(list, "replace");
  }

  // Whatever closed a dialog (a button, Escape, the browser's way back): once it is gone, focus goes back to what
  // opened it, or to the heading. Earlier, everything behind the dialog is inert and takes no focus.
  const asking = view.name === "new" || view.name === "edit" || deleting !== null;
  const asked = useRef(false);
  useLayoutEffect(() => {
    if (asked.current && !asking) {
      const target = opener.current?.isConnected === true ? opener.current : heading.current;
      target?.focus();
      opener.current = null;
    }
    asked.current = asking;
  }, [asking]);

  function saved(item: Item, isNew: boolean) {
    say(isNew ? `“${item.name}” was added.` : `“${item.name}” was saved.`);
    setFresh(item.id);
    // A new item stands at the top of the whole list: show it there.
    go(isNew ? { view: { name: "list" }, q: "", page: 1 } : list, "replace");
    reload();
  }

  function deleted(item: Item) {
    setDeleting(null);
    say(`“${item.name}” was deleted.`);
    opener.current = null;
    reload();
  }

  function turnTo(page: number) {
    go({ ...list, page });
    window.scrollTo({ top: 0 });
    heading.current?.focus();
  }

  const status = loading
    ? ""
    : error !== null
      ? error.message
      : result === null
        ? ""
        : q !== ""
          ? `${count(result.total)} found for “${q}”${pageOf(page, lastPage)}.`
          : `${count(result.total)}${pageOf(page, lastPage)}.`;

  return (
    <>
      <div className="heading">
        <h1 ref={heading} tabIndex={-1}>
          Items
        </h1>
        {result !== null && q === "" && result.total > 0 && (
          <span className="heading__count" aria-hidden="true">
            {formatNumber(result.total)}
          </span>
        )}
        <button type="button" className="button button--primary heading__add" onClick={() => open({ name: "new" })}>
          <PlusIcon />
          Add item
        </button>
      </div>

      <SearchField q={q} onSearch={(q) => go({ view: { name: "list" }, q, page: 1 }, "replace")} />

      <p className="visually-hidden" role="status">
        {status}
      </p>

      {error !== null && result !== null && <StaleBanner error={error} retrying={loading} onRetry={reload} />}
      <section className="results" aria-label="Items" aria-busy={loading}>
        {result === null ? (
          error === null ? (
            <Skeleton />
          ) : (
            <ErrorState error={error} retrying={loading} onRetry={reload} />
          )
        ) : result.total === 0 ? (
          shown !== null && shown.q !== "" ? (
            <NoResults q={shown.q} onClear={() => go({ ...list, q: "", page: 1 }, "replace")} />
          ) : (
            <EmptyState onAdd={() => open({ name: "new" })} />
          )
        ) : (
          <>
            <ItemList
              items={result.items}
              fresh={fresh}
              onEdit={(item) => open({ name: "edit", id: item.id })}
              onDelete={(item) => {
                opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
                setDeleting(item);
              }}
            />
            <Pager
              page={shown?.page ?? 1}
              perPage={PER_PAGE}
              total={result.total}
              hrefOf={(page) => href({ ...list, page })}
              onTurn={turnTo}
            />
          </>
        )}
      </section>

      {(view.name === "new" || view.name === "edit") && (
        <ItemEditor
          key={view.name === "edit" ? view.id : "new"}
          id={view.name === "edit" ? view.id : null}
          known={view.name === "edit" ? result?.items.find((item) => item.id === view.id) : undefined}
          onClose={close}
          onSaved={saved}
        />
      )}
      {deleting !== null && (
        <ConfirmDelete
          item={deleting}
          onClose={() => setDeleting(null)}
          onDeleted={deleted}
        />
      )}
      <Toast note={note} />
    </>
  );
}

const count = (total: number): string => (total === 1 ? "1 item" : `${formatNumber(total)} items`);
const pageOf = (page: number, last: number): string => (last > 1 ? `, page ${page} of ${last}` : "");

/** Follows a link of this page without leaving it; clicks meant for a new tab pass. */
function follow(place: Place) {
  return (event: React.MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(place);
  };
}
