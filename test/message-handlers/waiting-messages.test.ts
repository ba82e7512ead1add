import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.js'
import { type Inflow, WaitingMessages } from '../../src/message-handlers/waiting-messages.js'
import { Payload } from '../../src/messages/payload.js'
import { Publish } from '../../src/messages/pubsub.js'

const KIB = 1024

const numbered = (requestId: number, length = 0) =>
  new Publish(requestId, {}, 'com.example.t', new Payload(length === 0 ? [] : ['x'.repeat(length)]))

function waiting(limits: { messages: number; bytes: number }, canPause = true) {
  const seen = { paused: 0, limits: 0 }
  const inflow: Inflow = canPause ? { pause: () => seen.paused++, resume: () => seen.paused-- } : {}
  const messages = new WaitingMessages(inflow, limits, () => {
    seen.limits++
  })
  return { messages, seen }
}

describe('the messages of a session that wait', () => {
  it('go in the order in which they came', () => {
    const { messages } = waiting({ messages: 100, bytes: KIB * KIB })
    const all = [1, 2, 3].map((id) => numbered(id))
    for (const message of all) messages.push(message)
    expect([messages.shift(), messages.shift(), messages.shift()]).toEqual(all)
    expect(messages.shift()).toBeUndefined()
  })

  it('hold it back when there are many, once, until half of them have gone', () => {
    const { messages, seen } = waiting({ messages: 10, bytes: KIB * KIB })
    for (let id = 1; id <= 9; id++) messages.push(numbered(id))
    expect(seen).toEqual({ paused: 0, limits: 0 })
    for (let id = 10; id <= 30; id++) messages.push(numbered(id))
    expect(seen).toEqual({ paused: 1, limits: 1 })
    for (let gone = 1; gone < 25; gone++) messages.shift()
    expect(seen.paused).toBe(1)
    messages.shift()
    expect(seen).toEqual({ paused: 0, limits: 1 })
  })

  it.each([
    ['payload', (id: number) => numbered(id, 100 * KIB)],
    ['options', (id: number) => new Publish(id, { exclude: Array(4_000).fill(id) }, 'com.example.t')],
    ['URIs', (id: number) => new Publish(id, {}, 'x'.repeat(64 * KIB))],
  ])('hold it back when they are long, by their %s', (_, make) => {
    const { messages, seen } = waiting({ messages: 1_000, bytes: KIB * KIB })
    let id = 0
    while (seen.paused === 0) messages.push(make(++id))
    expect(id).toBeGreaterThan(1)
    expect(id).toBeLessThan(20)
    for (let gone = 0; gone < id; gone++) messages.shift()
    expect(seen.paused).toBe(0)
  })

  it('do not hold it back any more when none of them waits', () => {
    const { messages, seen } = waiting({ messages: 10, bytes: KIB * KIB })
    for (let id = 1; id <= 10; id++) messages.push(numbered(id))
    expect(seen.paused).toBe(1)
    messages.clear()
    messages.clear()
    expect(seen.paused).toBe(0)
    expect(messages.shift()).toBeUndefined()
  })

  it('end it, where nothing can hold it back, when there are ten times as many', () => {
    const { messages, seen } = waiting({ messages: 10, bytes: KIB * KIB }, false)
    for (let id = 1; id <= 100; id++) messages.push(numbered(id))
    expect(() => messages.push(numbered(101))).toThrow(ProtocolError)
    expect(seen.limits).toBe(1)
  })

  it('end it, where nothing can hold it back, when they are ten times as long', () => {
    const { messages } = waiting({ messages: 1_000, bytes: 10 * KIB }, false)
    let pushed = 0
    expect(() => {
      for (;;) messages.push(numbered(++pushed, 5 * KIB))
    }).toThrow(/wait for a decision/)
    expect(pushed).toBeGreaterThan(5)
    expect(pushed).toBeLessThan(25)
  })

  it('end it, where something should hold it back and does not, when there are ten thousand', () => {
    const { messages, seen } = waiting({ messages: 10, bytes: KIB * KIB })
    for (let id = 1; id <= 10_000; id++) messages.push(numbered(id))
    expect(() => messages.push(numbered(10_001))).toThrow(ProtocolError)
    expect(seen.paused).toBe(1)
  })
})
