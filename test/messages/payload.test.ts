import { describe, expect, test } from 'vitest'
import { EMPTY_DICT } from '../../src/messages/dictionaries.js'
import { Payload } from '../../src/messages/payload.js'

describe('a payload', () => {
  test('is empty if there are neither args nor kwargs in it', () => {
    for (const payload of [
      Payload.none,
      new Payload(),
      new Payload([]),
      new Payload([], {}),
      new Payload(undefined, {}),
    ]) {
      expect(payload.isEmpty).toBe(true)
      expect(payload.toWire()).toEqual([])
      expect(payload.args).toEqual([])
      expect(payload.kwargs).toEqual({})
    }
    for (const payload of [
      new Payload([undefined]),
      new Payload([], { a: undefined }),
      Payload.fromTransparent(''),
    ])
      expect(payload.isEmpty).toBe(false)
  })

  test('knows kwargs that are empty from none at all', () => {
    expect(new Payload([]).hasKwargs).toBe(false)
    expect(new Payload([], {}).hasKwargs).toBe(true)
    expect(new Payload([]).kwargs).toBe(EMPTY_DICT)
  })

  test('stands on the wire as few elements as it needs [messages.md]', () => {
    expect(new Payload([1], {}).toWire()).toEqual([[1]])
    expect(new Payload(undefined, { a: 1 }).toWire()).toEqual([[], { a: 1 }])
    expect(Payload.fromTransparent('secret').toWire()).toEqual(['secret'])
  })

  test('that came encoded is decoded on first use, and once', () => {
    let times = 0
    const decode = () => {
      times++
      return new Payload([1], { a: 2 })
    }
    const payload = Payload.fromEncoded({ format: 'json', count: 2, bytes: new Uint8Array(1), decode })
    expect(payload.isEmpty).toBe(false)
    expect(times).toBe(0)
    expect([payload.args, payload.kwargs, payload.hasKwargs, payload.toWire()]).toEqual([
      [1],
      { a: 2 },
      true,
      [[1], { a: 2 }],
    ])
    expect(times).toBe(1)
  })

  test('that came encoded without kwargs has none', () => {
    const decode = () => new Payload([])
    const payload = Payload.fromEncoded({ format: 'json', count: 1, bytes: new Uint8Array(1), decode })
    expect(payload.hasKwargs).toBe(false)
    expect(payload.kwargs).toBe(EMPTY_DICT)
  })
})
