/** Which value of a contract it is that is checked. */
export interface Place {
  readonly kind: 'procedure' | 'topic'
  readonly uri: string
  /** What of it, as a path begins: `args`, `kwargs`, `part`, `result`, `progress`, or one of the `errors`. */
  readonly of: string
  /** Under which URI it is refused. */
  readonly error: string
}

/** The longest text of a path, or of a message, that is told: both may be made of what somebody sent. */
const LONGEST_TEXT = 300

/** The path as one would write it in a program, `args[0].celsius`. */
export function pathTo(
  of: string,
  path: readonly (PropertyKey | { readonly key: PropertyKey })[] = [],
): string {
  let text = of
  for (const segment of path) {
    text += component(typeof segment === 'object' ? segment.key : segment)
    if (text.length > LONGEST_TEXT) break
  }
  return clipped(text)
}

/** The text, or its beginning. */
export function clipped(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text
}

function component(key: PropertyKey): string {
  const name = String(key)
  if (/^\d+$/.test(name)) return `[${name}]`
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(clipped(name))}]`
}
