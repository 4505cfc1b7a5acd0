/** The last minute as a line without axes; a zero line when there is nothing. `what` says it to screen readers. */
export function Sparkline({ values, what }: { values: readonly number[]; what?: string }) {
  const width = 72;
  const height = 18;
  const top = Math.max(1e-9, ...values);
  const step = width / Math.max(1, values.length - 1);
  const points = values.map(
    (value, i) => `${(i * step).toFixed(1)},${(height - 1.5 - (value / top) * (height - 3)).toFixed(1)}`,
  );
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={what ?? ''}
      aria-hidden={what === undefined}
    >
      {points.length > 1 ? <polyline points={points.join(' ')} /> : <path d={`M0 ${height - 1.5}H${width}`} />}
    </svg>
  );
}
