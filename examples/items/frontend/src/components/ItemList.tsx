import type { Item } from "../api.ts";
import { formatAgo, formatMoment, formatNumber, formatPrice } from "../format.ts";
import { EditIcon, TrashIcon } from "./icons.tsx";

interface Props {
  items: Item[];
  /** The item that was just written, marked for a moment. */
  fresh: number | null;
  onEdit: (item: Item) => void;
  onDelete: (item: Item) => void;
}

const LOW = 5;
const TINTS = 6;

export function ItemList({ items, fresh, onEdit, onDelete }: Props) {
  return (
    <ul className="list">
      {items.map((item) => (
        <li key={item.id} className={item.id === fresh ? "row row--fresh" : "row"}>
          <span className={`tile tile--${item.id % TINTS}`} aria-hidden="true">
            {[...item.name][0]?.toLocaleUpperCase("en-US")}
          </span>
          <div className="row__what">
            <h2 className="row__name">{item.name}</h2>
            {item.description !== "" && <p className="row__description">{item.description}</p>}
            <p className="row__when">
              Updated{" "}
              <time dateTime={item.updated_at} title={formatMoment(item.updated_at)}>
                {formatAgo(item.updated_at)}
              </time>
            </p>
          </div>
          <div className="row__facts">
            <Stock quantity={item.quantity} />
            <span className="row__price">{formatPrice(item.price_cents)}</span>
          </div>
          <span className="row__actions">
            <button type="button" className="icon-button" aria-label={`Edit ${item.name}`} onClick={() => onEdit(item)}>
              <EditIcon />
            </button>
            <button
              type="button"
              className="icon-button icon-button--danger"
              aria-label={`Delete ${item.name}`}
              onClick={() => onDelete(item)}
            >
              <TrashIcon />
            </button>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Stock({ quantity }: { quantity: number }) {
  if (quantity === 0) return <span className="stock stock--none">Out of stock</span>;
  if (quantity <= LOW) return <span className="stock stock--low">Only {quantity} left</span>;
  return <span className="stock">{formatNumber(quantity)} in stock</span>;
}
