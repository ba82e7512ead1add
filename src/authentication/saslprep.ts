const SPACE = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu
const NOTHING = /[\u034f\u180b-\u180d\ufe00-\ufe0f\u00ad\u1806\u200b-\u200d\u2060\ufeff]/gu

/** The tables C.1.2 to C.9 of RFC 3454. */
const PROHIBITED =
  /[\u0340\u0341\0-\x1f\x7f-\xa0\u06dd\u070f\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2063\u206a-\u206f\u2ff0-\u2ffb\u3000\ud800-\uf8ff\ufdd0-\ufdef\ufeff\ufff9-\uffff\u{1d173}-\u{1d17a}\u{1fffe}\u{1ffff}\u{2fffe}\u{2ffff}\u{3fffe}\u{3ffff}\u{4fffe}\u{4ffff}\u{5fffe}\u{5ffff}\u{6fffe}\u{6ffff}\u{7fffe}\u{7ffff}\u{8fffe}\u{8ffff}\u{9fffe}\u{9ffff}\u{afffe}\u{affff}\u{bfffe}\u{bffff}\u{cfffe}\u{cffff}\u{dfffe}\u{dffff}\u{e0001}\u{e0020}-\u{e007f}\u{efffe}-\u{10ffff}]/u

/** The table D.1 of RFC 3454: what is written from right to left. */
const RIGHT_TO_LEFT =
  /[\u05be\u05c0\u05c3\u05d0-\u05ea\u05f0-\u05f4\u061b\u061f\u0621-\u063a\u0640-\u064a\u066d-\u066f\u0671-\u06d5\u06dd\u06e5\u06e6\u06fa-\u06fe\u0700-\u070d\u0710\u0712-\u072c\u0780-\u07a5\u07b1\u200f\ufb1d\ufb1f-\ufb28\ufb2a-\ufb36\ufb38-\ufb3c\ufb3e\ufb40\ufb41\ufb43\ufb44\ufb46-\ufbb1\ufbd3-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7\ufdf0-\ufdfc\ufe70-\ufe74\ufe76-\ufefc]/u

const LETTER = /[\p{L}\p{Nl}\p{Mc}]/u

/**
 * A name or a password in the form in which peers compare them, or `undefined` if it is none. Spec: RFC 4013.
 *
 * The tables are those of the RFC, but for three things that would take many kilobytes: normalization is that of the
 * platform's Unicode and not of 3.2, code points that were unassigned then are let through (as in a "query"), and of the
 * table D.2 only letters and marks are known, so that a text from right to left may hold symbols and digits that D.2 forbids.
 */
export function saslprep(text: string): string | undefined {
  const prepared = text.replaceAll(SPACE, ' ').replaceAll(NOTHING, '').normalize('NFKC')
  if (prepared === '' || PROHIBITED.test(prepared)) return undefined
  const characters = [...prepared]
  const isRightToLeft = (character = '') => RIGHT_TO_LEFT.test(character)
  if (!characters.some(isRightToLeft)) return prepared
  const isMixed = characters.some((character) => LETTER.test(character) && !isRightToLeft(character))
  return !isMixed && isRightToLeft(characters[0]) && isRightToLeft(characters.at(-1)) ? prepared : undefined
}
