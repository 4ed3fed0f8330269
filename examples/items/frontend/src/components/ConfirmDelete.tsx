import { useState } from "react";
import { ApiError, deleteItem, type Item } from "../api.ts";
import { Dialog } from "./Dialog.tsx";
import { FormAlert } from "./fields.tsx";

interface Props {
  item: Item;
  onClose: () => void;
  onDeleted: (item: Item) => void;
}

export function ConfirmDelete({ item, onClose, onDeleted }: Props) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function confirm() {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await deleteItem(item.id);
      onDeleted(item);
    } catch (reason) {
      if (reason instanceof ApiError && reason.status === 404) {
        onDeleted(item);
        return;
      }
      setError(reason instanceof ApiError ? reason.message : "Something went wrong on this page.");
      setBusy(false);
    }
  }

  return (
    <Dialog
      role="alertdialog"
      className="dialog--small"
      labelledBy="delete-title"
      describedBy="delete-text"
      onCancel={() => {
        if (!busy) onClose();
      }}
    >
      <div className="dialog__body">
        <h2 id="delete-title">Delete this item?</h2>
        <p id="delete-text" className="dialog__text">
          <strong>{item.name}</strong> will be gone for good. This cannot be undone.
        </p>
        {error !== null && <FormAlert>{error}</FormAlert>}
      </div>
      <div className="dialog__actions">
        <button type="button" className="button" onClick={onClose} disabled={busy} data-first>
          Cancel
        </button>
        <button type="button" className="button button--danger" onClick={() => void confirm()} aria-disabled={busy}>
          {busy ? "Deleting…" : "Delete"}
        </button>
      </div>
    </Dialog>
  );
}
