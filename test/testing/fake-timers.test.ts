import { afterEach, beforeEach, describe, expect, vi } from 'vitest'
import { ERROR } from '../../src/index.js'
import { test } from '../../src/testing/vitest.js'

// Without a clock of their own, router and clients go by the timers of the platform, which Vitest replaces: all of them.
describe('fake timers', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('end a call whose time is over', async ({ serve, client }) => {
    await serve({ 'com.example.slow': () => new Promise(() => {}) })
    let ended: unknown
    client.call('com.example.slow', [], {}, { timeout: 500 }).catch((error: unknown) => {
      ended = error
    })
    await vi.advanceTimersByTimeAsync(499)
    expect(ended).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    expect(ended).toMatchObject({ uri: ERROR.timeout })
  })

  test('have a client wait before it comes back', async ({ connect, faults }) => {
    const client = await connect({ router: faults, reconnect: { initialDelay: 300, jitter: 0 } })
    await vi.advanceTimersByTimeAsync(1_000)
    faults.goAway()
    await vi.advanceTimersByTimeAsync(300)
    expect(client.state).toBe('waiting')
    faults.comeBack()
    await vi.advanceTimersByTimeAsync(599)
    expect(client.state).toBe('waiting')
    await vi.advanceTimersByTimeAsync(1)
    expect(client.state).toBe('joined')
  })

  test('have a client find out that its router is gone', async ({ connect, faults }) => {
    const client = await connect({ router: faults, connection: { heartbeat: 1_000 } })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(client.state).toBe('joined')
    faults.hold('router')
    await vi.advanceTimersByTimeAsync(3_000)
    expect(client.state).toBe('stopped')
  })

  test('let calls go on as long as time does', async ({ serve, client }) => {
    await serve({ 'com.example.add': (a: number, b: number) => a + b })
    let sum = 0
    const adding = async () => {
      for (let n = 0; n < 1_000; n++) sum = await client.call<number>('com.example.add', [sum, 1])
    }
    const all = adding()
    // What is more than one turn of the event loop takes waits for the next, which is a timer.
    for (let turn = 0; sum < 1_000 && turn < 100; turn++) await vi.advanceTimersByTimeAsync(1)
    await all
    expect(sum).toBe(1_000)
  })
})
