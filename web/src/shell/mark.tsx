/** The product's mark: a keel under its load. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" className="mark">
      <rect width="24" height="24" rx="5" />
      <path d="M5 8h14M7 8v3.2a5 5 0 0 0 10 0V8M12 5v14" />
    </svg>
  );
}
