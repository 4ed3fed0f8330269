import { useEffect, useState } from "react";
import { CheckIcon } from "./icons.tsx";

export interface Note {
  text: string;
  key: number;
}

const SHOWN_MS = 5_000;

/** Says what was done. The region stays in the document, so that screen readers hear it. */
export function Toast({ note }: { note: Note | null }) {
  const [gone, setGone] = useState<number | null>(null);

  useEffect(() => {
    if (note === null) return;
    const timer = setTimeout(() => setGone(note.key), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [note]);

  return (
    <div className="toasts" role="status">
      {note !== null && gone !== note.key && (
        <p key={note.key} className="toast">
          <CheckIcon />
          {note.text}
        </p>
      )}
    </div>
  );
}
