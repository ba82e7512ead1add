import { describe, expect, it } from 'vitest'
import { Slab } from '../../../src/transports/output/slab.js'

const KIB = 1024

describe('a slab', () => {
  it('gives out its octets one after the other, and again in the next turn', () => {
    const slab = new Slab()
    expect(slab.reserve(10)).toBe(0)
    const { target } = slab
    expect(slab.reserve(20)).toBe(10)
    slab.reuse()
    expect(slab.reserve(5)).toBe(0)
    expect(slab.target).toBe(target)
  })

  it('does not give out again what a socket still reads, until it is used up', () => {
    const slab = new Slab()
    slab.reserve(10)
    const { target } = slab
    slab.pin()
    slab.reuse()
    expect(slab.reserve(10)).toBe(10)
    for (let i = 0; i < 4; i++) slab.reserve(32 * KIB)
    expect(slab.target).not.toBe(target)
    slab.reuse()
    expect(slab.reserve(10)).toBe(0)
  })

  it('gives memory of its own to what is long', () => {
    const slab = new Slab()
    slab.reserve(10)
    const { target } = slab
    expect(slab.reserve(200 * KIB)).toBe(0)
    expect(slab.target.length).toBe(200 * KIB)
    slab.giveBack(200 * KIB)
    expect(slab.reserve(10)).toBe(10)
    expect(slab.target).toBe(target)
  })

  it('joins pieces, and takes the room back', () => {
    const slab = new Slab()
    slab.reserve(3)
    expect(slab.join([Buffer.from('ab'), Buffer.from('c')], 3).toString()).toBe('abc')
    slab.giveBack(3)
    expect(slab.reserve(1)).toBe(3)
  })
})
