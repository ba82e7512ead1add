import { describe, expect, it } from 'vitest'
import {
  addKeyword,
  addTopicPattern,
  parseCount,
  parsePort,
  parseTimeout,
  parseTopicPattern,
  parseValue,
  spreadKeywords,
  type TopicPattern,
} from '../../src/cli/arguments.js'

describe('an argument', () => {
  it.each([
    ['5', 5],
    ['-3', -3],
    ['-1.5e3', -1500],
    ['true', true],
    ['null', null],
    ['"5"', '5'],
    ['{"celsius": 21}', { celsius: 21 }],
    ['[1, [2]]', [1, [2]]],
  ])('that is JSON, %s, is its value', (text, value) => {
    expect(parseValue(text)).toEqual(value)
  })

  it.each(['Ada', '', 'NaN', '{celsius: 21}', '01', '2026-01-01', '-x', '"\\u0000?"'])(
    'that is not, %j, is a string',
    (text) => {
      expect(parseValue(text)).toBe(text)
    },
  )

  it('keeps all digits of an integer, and is binary where WAMP takes it for that', () => {
    expect(parseValue('9007199254740993')).toBe(9007199254740993n)
    expect(parseValue('"\\u0000AQI="')).toEqual(new Uint8Array([1, 2]))
  })
})

describe('a topic, or a pattern of topics', () => {
  it.each([
    ['com.example', 'com.example', 'exact'],
    ['com.example:exact', 'com.example', 'exact'],
    ['com.example:prefix', 'com.example', 'prefix'],
    ['com..log:wildcard', 'com..log', 'wildcard'],
    ['urn:x.log:prefix', 'urn:x.log', 'prefix'],
    ['com.x:8080', 'com.x:8080', 'exact'],
    [':prefix', '', 'prefix'],
  ])('%s', (text, topic, match) => {
    expect(parseTopicPattern(text)).toEqual({ topic, match })
  })

  it('joins those before it', () => {
    const all = ['a', 'b:prefix'].reduce<readonly TopicPattern[]>(
      (before, text) => addTopicPattern(text, before),
      [],
    )
    expect(all.map(({ topic }) => topic)).toEqual(['a', 'b'])
  })
})

describe('a keyword argument', () => {
  it('joins those before it; the value is what an argument would be, and may have = in it', () => {
    const all = ['a=1', 'b=x=y', 'c=', '__proto__=2'].reduce(
      (before: Record<string, unknown>, text) => addKeyword(text, before),
      {},
    )
    expect(Object.entries(all)).toEqual([
      ['a', 1],
      ['b', 'x=y'],
      ['c', ''],
      ['__proto__', 2],
    ])
  })

  it.each(['a', '=1', ''])('is refused without a key or an equals sign: %j', (text) => {
    expect(() => addKeyword(text)).toThrow('It must be KEY=VALUE.')
  })

  it('may follow another one without its own --kw', () => {
    const spread = (line: string) => spreadKeywords(line.split(' ')).join(' ')
    expect(spread('call p --kw a=1 b=2 c=3 --json')).toBe('call p --kw a=1 --kw b=2 --kw c=3 --json')
    expect(spread('call --kw a=1 com.example.p 5 x=1')).toBe('call --kw a=1 com.example.p 5 x=1')
    expect(spread('call p --kw a=1 -- b=2')).toBe('call p --kw a=1 -- b=2')
    expect(spread('call p -- --kw a=1 b=2')).toBe('call p -- --kw a=1 b=2')
    expect(spread('call p --kw a=1 {"b":"c=d"}')).toBe('call p --kw a=1 {"b":"c=d"}')
  })
})

describe('a number', () => {
  it('is a whole one within its bounds', () => {
    expect(parsePort('0')).toBe(0)
    expect(parsePort('65535')).toBe(65_535)
    expect(parseTimeout('0')).toBe(0)
    expect(parseCount('1')).toBe(1)
  })

  it.each([
    [parsePort, '65536'],
    [parsePort, '-1'],
    [parsePort, '8o8o'],
    [parsePort, ''],
    [parseTimeout, '1.5'],
    [parseTimeout, '99999999999'],
    [parseCount, '0'],
  ])('is refused otherwise', (parse, text) => {
    expect(() => parse(text)).toThrow('It must be a whole number')
  })
})
