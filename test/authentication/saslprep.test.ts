import { describe, expect, it } from 'vitest'
import { saslprep } from '../../src/authentication/saslprep.js'

describe('SASLprep (RFC 4013)', () => {
  it.each([
    ['I\u00adX', 'IX', 'soft hyphen is mapped to nothing'],
    ['user', 'user', 'no transformation'],
    ['USER', 'USER', 'case is preserved'],
    ['\u00aa', 'a', 'output is NFKC'],
    ['\u2168', 'IX', 'output is NFKC'],
    ['a\u00a0b\u3000c', 'a b c', 'spaces are mapped to space'],
    ['a\ufe0fb\u200dc', 'abc', 'commonly mapped to nothing'],
    ['\u0627\u0628', '\u0627\u0628', 'right to left'],
    ['\u06271\u0628', '\u06271\u0628', 'a digit between letters from right to left'],
    ['😀', '😀', 'unassigned in Unicode 3.2'],
  ])('%j becomes %j: %s', (text, prepared) => {
    expect(saslprep(text)).toBe(prepared)
  })

  it.each([
    ['\u0007', 'a control character'],
    ['a\u007fb', 'a control character'],
    ['\u0085', 'a control character that is not ASCII'],
    ['a\u2028b', 'a line separator'],
    ['\ue000', 'private use'],
    ['\u{f0000}', 'private use'],
    ['\ufffe', 'a code point that is no character'],
    ['\u{1ffff}', 'a code point that is no character'],
    ['\ud800', 'half of a surrogate pair'],
    ['\ufffd', 'not for plain text'],
    ['\u2ff0', 'not for canonical representation'],
    ['\u202e', 'changes the direction'],
    ['\u0627\u0340', 'deprecated'],
    ['\u{e0041}', 'a tag'],
    ['\u06271', 'ends otherwise than it begins'],
    ['1\u0628', 'begins otherwise than it ends'],
    ['\u0627a\u0628', 'both directions'],
    ['', 'nothing'],
    ['\u00ad', 'mapped to nothing'],
  ])('%j is refused: %s', (text) => {
    expect(saslprep(text)).toBeUndefined()
  })
})
