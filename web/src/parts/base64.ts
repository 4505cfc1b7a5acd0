/** Bytes as base64 text. */
export function base64(data: Uint8Array): string {
  let binary = '';
  // In pieces: a call with half a million arguments overflows the stack.
  for (let at = 0; at < data.length; at += 8192) binary += String.fromCharCode(...data.subarray(at, at + 8192));
  return btoa(binary);
}
