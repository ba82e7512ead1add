import { describe, expect, it } from 'vitest'
import { ERROR } from '../../src/index.js'
import { testClock, testRouter } from '../../src/testing.js'

describe('a test clock', () => {
  it('calls what is due, in order, with the time that it was due at', () => {
    const clock = testClock()
    const told: unknown[] = []
    clock.after(20, () => told.push(['second', clock.now()]))
    clock.after(10, () => told.push(['first', clock.now()]))
    clock.after(31, () => told.push(['late', clock.now()]))
    clock.after(15, () => told.push(['canceled'])).cancel()
    clock.pass(30)
    expect(told).toEqual([
      ['first', 10],
      ['second', 20],
    ])
    expect([clock.now(), clock.alarms]).toEqual([30, 1])
  })

  it('passes over timers that are set meanwhile, if they are due', () => {
    const clock = testClock()
    const told: number[] = []
    const tick = () => {
      told.push(clock.now())
      clock.after(10, tick)
    }
    clock.after(10, tick)
    clock.pass(35)
    expect(told).toEqual([10, 20, 30])
  })

  it('lets everything happen that follows from one timer before the next is due', async () => {
    const clock = testClock()
    const told: string[] = []
    clock.after(10, () => void Promise.resolve().then(() => told.push(`after the first, at ${clock.now()}`)))
    clock.after(20, () => told.push('the second'))
    await clock.advance(20)
    expect(told).toEqual(['after the first, at 10', 'the second'])
  })

  it('ends a call whose time is over, exactly then', async () => {
    const clock = testClock()
    await using kit = await testRouter({ clock })
    await kit.serve({ 'com.example.slow': () => new Promise(() => {}) })
    const client = await kit.connect()
    let ended: unknown
    client.call('com.example.slow', [], {}, { timeout: 500 }).catch((error: unknown) => {
      ended = error
    })
    await clock.advance(499)
    expect(ended).toBeUndefined()
    await clock.advance(1)
    expect(ended).toMatchObject({ uri: ERROR.timeout })
  })

  it('has a client wait before it comes back, exactly so long', async () => {
    const clock = testClock()
    await using kit = await testRouter({ clock })
    const faults = kit.faulty()
    const client = await kit.connect({ router: faults, reconnect: { initialDelay: 300, jitter: 0 } })
    await clock.advance(1_000)
    faults.disconnect()
    await clock.advance(299)
    expect(client.state).toBe('waiting')
    await clock.advance(1)
    expect(client.state).toBe('joined')
  })

  it('has a client find out by its heartbeat that its router is gone', async () => {
    const clock = testClock()
    await using kit = await testRouter({ clock })
    const faults = kit.faulty()
    const client = await kit.connect({ router: faults, reconnect: false, connection: { heartbeat: 1_000 } })
    await clock.advance(10_000)
    expect(client.state).toBe('joined')
    faults.hold('router')
    // The period that runs, and two without a word.
    await clock.advance(3_000)
    expect(client.state).toBe('stopped')
  })
})
