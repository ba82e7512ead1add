/**
 * Half a character: an escape such as `\ud83d` without its partner, as it comes of cutting a JavaScript string in two.
 * JSON's grammar allows it, but it is no Unicode, and parsers in other languages stumble over it. So it becomes U+FFFD,
 * as it does wherever JavaScript writes UTF-8; the escape of that is as long, which lets a relay mend it in place.
 */
const ESCAPES =
  /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(u[dD][89a-fA-F][\da-fA-F]{2})|[\s\S])/g

/** Does the JSON text perhaps hold half a character? Costs next to nothing. */
export function maySplitCharacters(text: string): boolean {
  return text.includes('\\ud') || text.includes('\\uD')
}

/** The JSON text with every half of a character replaced. */
export function mendCharacters(text: string): string {
  return text.replace(ESCAPES, (sequence: string, half: string | undefined) => (half ? '\\ufffd' : sequence))
}
