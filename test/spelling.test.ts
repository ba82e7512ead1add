import { describe, expect, it } from 'vitest'
import { snakeCase, spellOut } from '../src/spelling.js'

describe('names on the wire (messages.md, "Extensibility")', () => {
  it.each([
    ['timeout', 'timeout'],
    ['discloseMe', 'disclose_me'],
    ['killByAuthid', 'kill_by_authid'],
  ])('%s is spelled %s', (name, spelled) => {
    expect(snakeCase(name)).toBe(spelled)
  })

  it('options that were not given are left out, and what is there already stays', () => {
    const options = { excludeMe: false, retain: undefined, rkey: 'a', other: 1 }
    expect(spellOut({ x_own: 1 }, options, ['excludeMe', 'retain', 'rkey'])).toEqual({
      x_own: 1,
      exclude_me: false,
      rkey: 'a',
    })
    expect(spellOut(undefined, { keyid: 'k' }, ['keyid'], 'ppt_')).toEqual({ ppt_keyid: 'k' })
  })

  it('what is added to is left as it was', () => {
    const extra = Object.freeze({ x_own: 1 })
    expect(spellOut(extra, { rkey: 'a' }, ['rkey'])).not.toBe(extra)
  })
})
