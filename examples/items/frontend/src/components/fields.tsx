import type { ReactNode, Ref } from "react";
import { AlertIcon } from "./icons.tsx";

interface FieldProps {
  id: string;
  label: string;
  optional?: boolean;
  hint?: string;
  error: string | undefined;
  children: (attributes: { id: string; "aria-invalid": boolean; "aria-describedby": string | undefined }) => ReactNode;
}

/** A labelled control with its hint and its error tied to it. */
export function Field({ id, label, optional = false, hint, error, children }: FieldProps) {
  const described = [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={error === undefined ? "field" : "field field--invalid"}>
      <label htmlFor={id}>
        {label}
        {optional && <span className="field__optional"> (optional)</span>}
      </label>
      {children({ id, "aria-invalid": error !== undefined, "aria-describedby": described === "" ? undefined : described })}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="field__hint">
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} className="field__error">
          <AlertIcon />
          {error}
        </p>
      )}
    </div>
  );
}

export function FormAlert({ children, ref }: { children: ReactNode; ref?: Ref<HTMLDivElement> }) {
  return (
    <div ref={ref} className="alert" role="alert">
      <AlertIcon />
      <p>{children}</p>
    </div>
  );
}
