import { useCallback, useEffect, useState } from "react";
import { ApiError, listItems, type Page } from "./api.ts";

export const PER_PAGE = 10;

export interface Items {
  /** The newest page that arrived; kept on show while another is on its way. */
  page: Page | null;
  /** What the page on show was the answer to. */
  shown: { q: string; page: number } | null;
  loading: boolean;
  error: ApiError | null;
  reload: () => void;
}

/** The page of items for a search. Answers that were overtaken are dropped. */
export function useItems(q: string, page: number): Items {
  const [answer, setAnswer] = useState<Pick<Items, "page" | "shown">>({ page: null, shown: null });
  const [error, setError] = useState<ApiError | null>(null);
  const [loading, setLoading] = useState(true);
  const [turn, setTurn] = useState(0);
  const reload = useCallback(() => setTurn((turn) => turn + 1), []);

  useEffect(() => {
    const overtaken = new AbortController();
    setLoading(true);
    listItems({ q, page, perPage: PER_PAGE }, overtaken.signal)
      .then((result) => {
        setAnswer({ page: result, shown: { q, page } });
        setError(null);
        setLoading(false);
      })
      .catch((reason: unknown) => {
        if (overtaken.signal.aborted) return;
        setError(reason instanceof ApiError ? reason : new ApiError("Something went wrong on this page.", 0));
        setLoading(false);
      });
    return () => overtaken.abort();
  }, [q, page, turn]);

  // A page that failed tries again by itself when the machine is back online.
  useEffect(() => {
    if (error === null) return;
    window.addEventListener("online", reload);
    return () => window.removeEventListener("online", reload);
  }, [error, reload]);

  return { ...answer, loading, error, reload };
}
