import { formatNumber } from "../format.ts";
import { BackIcon, ForwardIcon } from "./icons.tsx";

interface Props {
  page: number;
  perPage: number;
  total: number;
  hrefOf: (page: number) => string;
  onTurn: (page: number) => void;
}

export function Pager({ page, perPage, total, hrefOf, onTurn }: Props) {
  const last = Math.max(1, Math.ceil(total / perPage));
  const first = (page - 1) * perPage + 1;

  function turn(target: number) {
    return (event: React.MouseEvent) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      onTurn(target);
    };
  }

  return (
    <div className="pager">
      <p className="pager__range">
        {formatNumber(first)}–{formatNumber(Math.min(page * perPage, total))} of {formatNumber(total)}
      </p>
      {last > 1 && (
        <nav aria-label="Pages">
          <ul className="pager__pages">
            <li>
              {page > 1 ? (
                <a className="pager__step" rel="prev" href={hrefOf(page - 1)} onClick={turn(page - 1)} aria-label="Previous page">
                  <BackIcon />
                </a>
              ) : (
                <span className="pager__step pager__step--off">
                  <BackIcon />
                </span>
              )}
            </li>
            {pagesAround(page, last).map((entry) =>
              typeof entry === "string" ? (
                <li key={entry} className="pager__gap" aria-hidden="true">
                  …
                </li>
              ) : (
                <li key={entry}>
                  <a
                    className="pager__page"
                    href={hrefOf(entry)}
                    onClick={turn(entry)}
                    aria-label={`Page ${entry}`}
                    aria-current={entry === page ? "page" : undefined}
                  >
                    {formatNumber(entry)}
                  </a>
                </li>
              ),
            )}
            <li>
              {page < last ? (
                <a className="pager__step" rel="next" href={hrefOf(page + 1)} onClick={turn(page + 1)} aria-label="Next page">
                  <ForwardIcon />
                </a>
              ) : (
                <span className="pager__step pager__step--off">
                  <ForwardIcon />
                </span>
              )}
            </li>
          </ul>
        </nav>
      )}
    </div>
  );
}

/** First, last and the neighbours, with gaps where pages are left out. */
function pagesAround(page: number, last: number): (number | string)[] {
  const wanted = new Set([1, page - 1, page, page + 1, last]);
  const pages = [...wanted].filter((number) => number >= 1 && number <= last).sort((a, b) => a - b);
  const entries: (number | string)[] = [];
  let before = 0;
  for (const number of pages) {
    if (number - before === 2) entries.push(number - 1);
    else if (number - before > 2) entries.push(`gap-${number}`);
    entries.push(number);
    before = number;
  }
  return entries;
}
