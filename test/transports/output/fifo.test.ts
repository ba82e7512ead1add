import { describe, expect, it } from 'vitest'
import { Fifo } from '../../../src/transports/output/fifo.js'

describe('a fifo', () => {
  it('gives back what it was given, in order', () => {
    const fifo = new Fifo<number>()
    const taken: (number | undefined)[] = []
    expect(fifo.isEmpty).toBe(true)
    for (let i = 1; i <= 10_000; i++) {
      fifo.push(i)
      // Two come for each that goes, then all go.
      if (i % 2 === 0) taken.push(fifo.shift())
    }
    expect(fifo.first).toBe(5001)
    while (!fifo.isEmpty) taken.push(fifo.shift())
    expect(taken).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1))
    expect(fifo.first).toBeUndefined()
    expect(fifo.shift()).toBeUndefined()
  })

  it('can be used again when it was empty', () => {
    const fifo = new Fifo<string>()
    for (const word of ['one', 'two']) {
      fifo.push(word)
      expect(fifo.first).toBe(word)
      expect(fifo.shift()).toBe(word)
      expect(fifo.isEmpty).toBe(true)
    }
  })
})
