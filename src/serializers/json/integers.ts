/**
 * Integers that a double cannot hold. `JSON.parse` would round them and `JSON.stringify` refuses them, so they pass
 * both as marked strings, `"\0#123"`. Nothing else looks like that: behind `\0` stands Base64, which has no `#`.
 */
const MARK = '\0#'

const MARKED = /([[,:])"\\u0000#([-+.e\d]+)"/g
const QUOTE = 0x22
const BACKSLASH = 0x5c

/** The string that stands for a number, spelled like this, until the text is written. */
export function marked(number: string): string {
  return MARK + number
}

/** The integer that a marked string stands for, if it is one. */
export function unmarked(text: string): bigint | undefined {
  return text.startsWith(MARK) ? BigInt(text.slice(MARK.length)) : undefined
}

/** Turns marked strings in a JSON text into the numbers they stand for. */
export function unquoteNumbers(text: string): string {
  return text.replace(MARKED, '$1$2')
}

/** Turns the integers in a well-formed JSON text that a double cannot hold into marked strings. */
export function quoteIntegers(text: string): string {
  const numbers = /-?\d+([.eE][-+.eE\d]*)?/y
  let quoted = ''
  let done = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) i = closingQuote(text, i + 1)
    if (code !== 0x2d && !(code >= 0x30 && code <= 0x39)) continue
    numbers.lastIndex = i
    const [number, fraction] = numbers.exec(text) ?? ['-']
    const end = i + number.length
    if (fraction === undefined && !Number.isSafeInteger(Number(number))) {
      quoted += `${text.slice(done, i)}"\\u0000#${number}"`
      done = end
    }
    i = end - 1
  }
  return quoted + text.slice(done)
}

/** Where the string ends whose content begins at `start`. */
function closingQuote(text: string, start: number): number {
  for (let end = text.indexOf('"', start); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return end
  }
  return text.length
}
