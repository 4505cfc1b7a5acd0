/** Hands text or a file to the person as a file of that name. */
export function download(name: string, content: string | Blob, type = 'application/x-pem-file'): void {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name.replace(/[^\w.-]+/g, '_');
  link.click();
  // The browser must have begun before the address goes away.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
