/** Hands text to the person as a file of that name. */
export function download(name: string, text: string, type = 'application/x-pem-file'): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name.replace(/[^\w.-]+/g, '_');
  link.click();
  // The browser must have begun before the address goes away.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
