import { useEffect, useRef, useState } from "react";
import { addItem, ApiError, findItem, replaceItem, type Draft, type Field as FieldName, type FieldErrors, type Item } from "../api.ts";
import { parsePrice, parseQuantity, priceField } from "../format.ts";
import { Dialog } from "./Dialog.tsx";
import { Field, FormAlert } from "./fields.tsx";
import { CloseIcon } from "./icons.tsx";

interface Props {
  /** Null adds a new item. */
  id: number | null;
  /** The item, where the list already has it. */
  known: Item | undefined;
  onClose: () => void;
  onSaved: (item: Item, isNew: boolean) => void;
}

interface Text {
  name: string;
  description: string;
  price: string;
  quantity: string;
}

const BLANK: Text = { name: "", description: "", price: "", quantity: "" };
const ORDER: FieldName[] = ["name", "description", "price_cents", "quantity"];

function textOf(item: Item): Text {
  return {
    name: item.name,
    description: item.description,
    price: priceField(item.price_cents),
    quantity: String(item.quantity),
  };
}

export function ItemEditor({ id, known, onClose, onSaved }: Props) {
  const [start, setStart] = useState<Text | null>(id === null ? BLANK : known === undefined ? null : textOf(known));
  const [missing, setMissing] = useState<string | null>(null);
  const title = id === null ? "Add item" : "Edit item";

  // Someone came straight to this address: the list has not got the item.
  useEffect(() => {
    if (id === null || start !== null) return;
    const closed = new AbortController();
    findItem(id, closed.signal)
      .then((item) => setStart(textOf(item)))
      .catch((reason: unknown) => {
        if (!closed.signal.aborted) {
          setMissing(reason instanceof ApiError ? reason.message : "Something went wrong on this page.");
        }
      });
    return () => closed.abort();
  }, [id, start]);

  if (start !== null) return <Form id={id} title={title} start={start} onClose={onClose} onSaved={onSaved} />;
  return (
    <Dialog labelledBy="editor-title" onCancel={onClose}>
      <Head title={title} onClose={onClose} />
      <div className="dialog__body">
        {missing === null ? <p className="dialog__text">Loading…</p> : <FormAlert>{missing}</FormAlert>}
      </div>
    </Dialog>
  );
}

function Head({ title, onClose }: { title: string; onClose: () => void }) {
  return (
    <div className="dialog__head">
      <h2 id="editor-title">{title}</h2>
      <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
        <CloseIcon />
      </button>
    </div>
  );
}

interface FormProps extends Pick<Props, "id" | "onClose" | "onSaved"> {
  title: string;
  start: Text;
}

function Form({ id, title, start, onClose, onSaved }: FormProps) {
  const [text, setText] = useState(start);
  const [fields, setFields] = useState<FieldErrors>({});
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const keep = useRef<HTMLButtonElement>(null);
  const changed = (Object.keys(start) as (keyof Text)[]).some((key) => text[key] !== start[key]);

  useEffect(() => {
    if (leaving) keep.current?.focus();
  }, [leaving]);

  function leave() {
    if (busy) return;
    if (changed && !leaving) setLeaving(true);
    else onClose();
  }

  function type(key: keyof Text, field: FieldName) {
    return (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      setText({ ...text, [key]: event.target.value });
      setFields(({ [field]: _, ...others }) => others);
      setLeaving(false);
    };
  }

  async function save(event: React.FormEvent) {
    event.preventDefault();
    if (busy) return;
    const draft: Draft = { name: text.name, description: text.description };
    const price = parsePrice(text.price);
    const quantity = parseQuantity(text.quantity);
    if (price !== undefined) draft.price_cents = price;
    if (quantity !== undefined) draft.quantity = quantity;
    setBusy(true);
    setProblem(null);
    setFields({});
    try {
      onSaved(id === null ? await addItem(draft) : await replaceItem(id, draft), id === null);
    } catch (reason) {
      setBusy(false);
      if (!(reason instanceof ApiError)) {
        setProblem("Something went wrong on this page.");
        return;
      }
      // The API speaks of cents; whoever types here thinks in dollars.
      const errors = { ...reason.fields };
      if (price === null) errors.price_cents = "Give a price such as 12.50.";
      if (quantity === null) errors.quantity = "Give a whole number such as 24.";
      setFields(errors);
      const first = ORDER.find((field) => errors[field] !== undefined);
      if (first === undefined) setProblem(reason.message);
      else requestAnimationFrame(() => form.current?.querySelector<HTMLElement>(`#item-${first}`)?.focus());
    }
  }

  return (
    <Dialog labelledBy="editor-title" onCancel={leave}>
      <form ref={form} noValidate onSubmit={(event) => void save(event)}>
        <Head title={title} onClose={leave} />
        <div className="dialog__body">
          {problem !== null && <FormAlert>{problem} What you typed is still here.</FormAlert>}
          <Field id="item-name" label="Name" error={fields.name}>
            {(attributes) => (
              <input {...attributes} type="text" data-first required autoComplete="off" value={text.name} onChange={type("name", "name")} />
            )}
          </Field>
          <Field id="item-description" label="Description" optional error={fields.description}>
            {(attributes) => (
              <textarea {...attributes} rows={3} value={text.description} onChange={type("description", "description")} />
            )}
          </Field>
          <div className="fields">
            <Field id="item-price_cents" label="Price" error={fields.price_cents}>
              {(attributes) => (
                <span className="money">
                  <span aria-hidden="true">$</span>
                  <input
                    {...attributes}
                    type="text"
                    inputMode="decimal"
                    required
                    autoComplete="off"
                    placeholder="0.00"
                    value={text.price}
                    onChange={type("price", "price_cents")}
                  />
                </span>
              )}
            </Field>
            <Field id="item-quantity" label="In stock" optional error={fields.quantity}>
              {(attributes) => (
                <input
                  {...attributes}
                  type="text"
                  inputMode="numeric"
                  autoComplete="off"
                  placeholder="0"
                  value={text.quantity}
                  onChange={type("quantity", "quantity")}
                />
              )}
            </Field>
          </div>
        </div>
        {leaving ? (
          <div key="leaving" className="dialog__actions" role="group" aria-label="Discard your changes?">
            <p className="dialog__question">Discard your changes?</p>
            <button ref={keep} type="button" className="button" onClick={() => setLeaving(false)}>
              Keep editing
            </button>
            <button type="button" className="button button--danger" onClick={onClose}>
              Discard
            </button>
          </div>
        ) : (
          <div key="saving" className="dialog__actions">
            <button type="button" className="button" onClick={leave} disabled={busy}>
              Cancel
            </button>
            <button type="submit" className="button button--primary" aria-disabled={busy}>
              {busy ? "Saving…" : id === null ? "Add item" : "Save changes"}
            </button>
          </div>
        )}
      </form>
    </Dialog>
  );
}
