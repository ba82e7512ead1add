import { describe, expect, it } from 'vitest'
import { eventToJson, showEvent, showResult, toJson } from '../../src/cli/print.js'
import { Payload } from '../../src/messages/payload.js'
import { ReceivedEvent } from '../../src/roles/received-event.js'

const binary = new Uint8Array([1, 2])

describe('a value as JSON', () => {
  const value = { a: [1, 'x\n', null, true], b: {}, c: [], d: { e: [[2]] }, f: undefined }

  it('is what JSON.stringify would write, on one line or indented', () => {
    expect(toJson(value)).toBe(JSON.stringify(value))
    expect(toJson(value, 'indented')).toBe(JSON.stringify(value, null, 2))
  })

  it('writes binary and integers as WAMP does, and null for what JSON cannot say', () => {
    expect(toJson([binary, binary.buffer, 9007199254740993n, Number.NaN, undefined])).toBe(
      '["\\u0000AQI=","\\u0000AQI=",9007199254740993,null,null]',
    )
    expect(toJson(new Date(0))).toBe('"1970-01-01T00:00:00.000Z"')
  })
})

describe('a result', () => {
  const plain = { json: false, layout: 'line' } as const
  const json = { json: true, layout: 'line' } as const
  const only = (value: unknown) => ({ args: [value], kwargs: {} })

  it('that is a string is shown as it is, or as JSON on request', () => {
    expect(showResult(only('2026-01-01'), plain)).toBe('2026-01-01')
    expect(showResult(only('2026-01-01'), json)).toBe('"2026-01-01"')
  })

  it('that is another value is shown as JSON', () => {
    expect(showResult(only(5), plain)).toBe('5')
    expect(showResult(only(null), plain)).toBe('null')
    expect(showResult(only(10n ** 20n), plain)).toBe('100000000000000000000')
    expect(showResult(only(binary), plain)).toBe('"\\u0000AQI="')
    expect(showResult(only({ a: 1 }), { json: false, layout: 'indented' })).toBe('{\n  "a": 1\n}')
  })

  it('that is nothing shows nothing, or null on request', () => {
    expect(showResult({ args: [], kwargs: {} }, plain)).toBeUndefined()
    expect(showResult({ args: [], kwargs: {} }, json)).toBe('null')
  })

  it('with several values or keywords is shown whole', () => {
    expect(showResult({ args: [1, 'a'], kwargs: {} }, plain)).toBe('{"args":[1,"a"],"kwargs":{}}')
    expect(showResult({ args: [], kwargs: { a: 1 } }, plain)).toBe('{"args":[],"kwargs":{"a":1}}')
  })
})

describe('an event', () => {
  const event = new ReceivedEvent(
    'com.example.weather',
    7,
    { topic: 'com.example.weather' },
    new Payload([21, 'sunny'], { city: 'Oslo' }),
  )

  it('is a line of topic, arguments and keywords', () => {
    expect(showEvent(event)).toBe('com.example.weather 21 "sunny" city="Oslo"')
  })

  it('is a line of JSON', () => {
    expect(JSON.parse(eventToJson(event))).toEqual({
      topic: 'com.example.weather',
      args: [21, 'sunny'],
      kwargs: { city: 'Oslo' },
      publication: 7,
      details: { topic: 'com.example.weather' },
    })
  })
})
