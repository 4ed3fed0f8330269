import { useLayoutEffect, useRef, type ReactNode } from "react";

interface Props {
  labelledBy: string;
  describedBy?: string;
  role?: "dialog" | "alertdialog";
  /** Escape was pressed. */
  onCancel: () => void;
  className?: string;
  children: ReactNode;
}

/**
 * A modal dialog of the browser: it keeps focus, hides the page behind, closes on Escape. Focus
 * starts on the element marked `data-first`.
 */
export function Dialog({ labelledBy, describedBy, role = "dialog", onCancel, className = "", children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);

  // Closed while it still stands in the page: a browser then gives focus back at once, not after somebody else took it.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element === null) return;
    element.showModal();
    element.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => element.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      role={role}
      className={`dialog ${className}`}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      onCancel={(event) => {
        event.preventDefault();
        onCancel();
      }}
      onKeyDown={(event) => {
        // A browser honours preventDefault on `cancel` once only; Escape itself can be caught.
        if (event.key === "Escape") {
          event.preventDefault();
          onCancel();
        }
      }}
    >
      {children}
    </dialog>
  );
}
