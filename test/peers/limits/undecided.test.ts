import { describe, expect, it } from 'vitest'
import { type Authorizer, anonymous, type Decision } from '../../../src/router.js'
import { turns } from '../../transports/recorder.js'
import { openRouter, Visitor } from './visitor.js'

const KIB = 1024
const ERROR = 8

/** Decides when the test says so. */
class Slow implements Authorizer {
  asked = 0
  #answers: ((decision: Decision) => void)[] = []
  #isOpen = false

  authorize(): Decision | Promise<Decision> {
    this.asked++
    if (this.#isOpen) return Promise.resolve({ allow: true })
    return new Promise((resolve) => this.#answers.push(resolve))
  }

  /** Allows everything, from now on. */
  open(): void {
    this.#isOpen = true
    for (const answer of this.#answers.splice(0)) answer({ allow: true })
  }
}

async function flooded(authorizer: Slow, length: number, count: number, limits = {}) {
  const realms = [{ name: 'realm1', auth: [anonymous()], authorizer }]
  const opened = await openRouter({ realms, heartbeat: 0, limits })
  const visitor = await Visitor.join(opened.port)
  const calls = Array.from({ length: count }, (_, i) => [
    48,
    i + 1,
    {},
    'com.example.nobody',
    ['x'.repeat(length)],
  ])
  visitor.sayAtOnce(calls)
  return { ...opened, visitor }
}

/** Waits until nothing is read from the visitor any more. */
async function heldBack({ client: { socket } }: Visitor): Promise<void> {
  for (let before = -1; before !== socket.writableLength || before === 0; ) {
    before = socket.writableLength
    await turns(50)
  }
}

describe('a session whose requests wait for an authorizer', () => {
  it('is not read from when many wait; nothing is lost, and the order is kept', async () => {
    const authorizer = new Slow()
    const { router, visitor } = await flooded(authorizer, 16 * KIB, 1_000)
    await heldBack(visitor)
    // 16 MB were sent; of these, what waits here and what the kernel holds is missing.
    expect(visitor.client.socket.writableLength).toBeGreaterThan(4 * KIB * KIB)
    expect(authorizer.asked).toBe(1)
    expect(router.counters.undecided).toBe(1)
    authorizer.open()
    for (let heard = 1; heard <= 1_000; heard++)
      expect((await visitor.hears()).slice(0, 3)).toEqual([ERROR, 48, heard])
    expect(authorizer.asked).toBe(1_000)
  })

  it('is not ended for the short messages that had been read already', async () => {
    const authorizer = new Slow()
    const { router, visitor } = await flooded(authorizer, 0, 2_000)
    while (router.counters.undecided === 0) await turns()
    authorizer.open()
    for (let heard = 1; heard <= 2_000; heard++)
      expect((await visitor.hears()).slice(0, 3)).toEqual([ERROR, 48, heard])
    expect(visitor.client.isClosed).toBe(false)
  })

  it('is read from again only when nobody else has a reason against it', async () => {
    const authorizer = new Slow()
    const limits = { messagesPerSecond: 20, messageBurst: 20, undecidedMessages: 10 }
    const { router, clock, visitor } = await flooded(authorizer, KIB, 1_000, limits)
    while (router.counters.throttled === 0 || router.counters.undecided === 0) await turns()
    authorizer.open()
    await turns(100)
    // What was read has passed; the rest has to wait for the time that it takes.
    const passed = authorizer.asked
    expect(passed).toBeGreaterThan(20)
    expect(passed).toBeLessThan(1_000)
    await turns(100)
    expect(authorizer.asked).toBe(passed)
    for (let heard = 1; heard <= 1_000; heard++) {
      while (authorizer.asked < heard) {
        clock.pass(1_000)
        await turns(2)
      }
      expect((await visitor.hears()).slice(0, 3)).toEqual([ERROR, 48, heard])
    }
    expect(clock.now()).toBeGreaterThanOrEqual(40_000)
  })

  it('can say HELLO again after a GOODBYE that had to wait', async () => {
    const authorizer = new Slow()
    const realms = [{ name: 'realm1', auth: [anonymous()], authorizer }]
    const { router, port } = await openRouter({ realms, limits: { undecidedMessages: 2 } })
    const visitor = await Visitor.join(port)
    const call = (id: number) => [48, id, {}, 'com.example.nobody']
    const goodbye = [6, {}, 'wamp.close.close_realm']
    visitor.sayAtOnce([call(1), call(2), call(3), goodbye])
    while (router.counters.undecided === 0) await turns()
    authorizer.open()
    const codes = [(await visitor.hears())[0]]
    while (codes.at(-1) !== 6) codes.push((await visitor.hears())[0])
    visitor.say([1, 'realm1', { roles: { caller: {} } }])
    expect((await visitor.hears())[0]).toBe(2)
  })
})
