import { describe, expect, it } from 'vitest'
import { Call } from '../../../src/messages/rpc.js'
import { type KeptCall, KeptCalls } from '../../../src/roles/dealer/kept-calls.js'

const kept = (size: number, chunk?: ArrayBuffer): KeptCall => ({
  message: new Call(1, {}, 'com.example.p'),
  size,
  chunk,
})

describe('the calls of one caller that are kept', () => {
  it('cost what they are and what was read with them, which counts once', () => {
    const calls = new KeptCalls()
    const chunk = new ArrayBuffer(1_000)
    const [one, other, alone] = [kept(10, chunk), kept(20, chunk), kept(30)]
    for (const call of [one, other, alone]) expect(calls.add(call, 10_000)).toBe(true)
    expect(calls.bytes).toBe(1_060)
    calls.delete(one)
    expect(calls.bytes).toBe(1_050)
    calls.delete(other)
    expect(calls.bytes).toBe(30)
    calls.delete(alone)
    expect(calls.bytes).toBe(0)
  })

  it('are no more than may be: a small one does not fit that holds a large chunk, unless another one holds it too', () => {
    const calls = new KeptCalls()
    const [chunk, second] = [new ArrayBuffer(1_000), new ArrayBuffer(1_000)]
    expect(calls.add(kept(10, chunk), 1_500)).toBe(true)
    expect(calls.add(kept(10, second), 1_500)).toBe(false)
    expect(calls.add(kept(10, chunk), 1_500)).toBe(true)
    expect(calls.bytes).toBe(1_020)
  })
})
