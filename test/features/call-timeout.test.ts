import { expect, it } from 'vitest'
import { ApplicationError, currentInvocation, type InvocationContext, UsageError } from '../../src/index.js'
import { ERROR } from '../../src/uris.js'
import { TestClock } from '../transports/test-clock.js'
import { overEach } from './over-each.js'
import { failure, promised, settled } from './waiting.js'

const PROCEDURE = 'com.example.slow'
const TIMED_OUT = { name: 'CanceledError', uri: ERROR.timeout }

/** A procedure that ends when the test says so. */
function slow() {
  const running = promised<InvocationContext>()
  const answer = promised<unknown>()
  const handler = () => {
    const invocation = currentInvocation()
    void invocation.signal
    running.resolve(invocation)
    return answer.promise
  }
  return { handler, running: running.promise, answer: answer.resolve }
}

overEach('Call Timeouts (rpc_call_timeout.md)', (open) => {
  it('counts milliseconds at the dealer, which tells the caller and interrupts the callee', async () => {
    const clock = new TestClock()
    await using place = await open({ router: { clock } })
    const [callee, caller] = await place.joinAll('', '')
    const { handler, running, answer } = slow()
    await callee.register(PROCEDURE, handler)
    const call = failure(caller.call(PROCEDURE, [], {}, { timeout: 250 }))
    const { signal, details } = await running
    expect(details.timeout).toBeUndefined()
    clock.pass(249)
    await settled(callee)
    expect(signal.aborted).toBe(false)
    clock.pass(1)
    expect(await call).toMatchObject(TIMED_OUT)
    await settled(callee)
    expect(signal.reason).toMatchObject(TIMED_OUT)
    answer('too late')
    await settled(callee, caller)
    await callee.register('com.example.echo', (value) => value)
    expect(await caller.call('com.example.echo', [1])).toBe(1)
  })

  it('counts at the caller too, whose router may be gone', async () => {
    const clock = new TestClock()
    await using place = await open()
    const callee = await place.join()
    const caller = await place.join({ clock })
    const { handler, running } = slow()
    await callee.register(PROCEDURE, handler)
    const call = failure(caller.call(PROCEDURE, [], {}, { timeout: 250 }))
    const { signal } = await running
    clock.pass(250)
    expect(await call).toMatchObject(TIMED_OUT)
    await settled(caller, callee)
    expect(signal.aborted).toBe(true)
  })

  it('with cancelMode kill does not wait for the callee beyond the time', async () => {
    const clock = new TestClock()
    await using place = await open()
    const callee = await place.join()
    const caller = await place.join({ clock })
    const { handler, running } = slow()
    await callee.register(PROCEDURE, handler)
    const call = failure(caller.call(PROCEDURE, [], {}, { timeout: 250, cancelMode: 'kill' }))
    await running
    clock.pass(250)
    expect(await call).toMatchObject(TIMED_OUT)
  })

  it('keeps no time after the answer', async () => {
    const clock = new TestClock()
    await using place = await open({ router: { clock } })
    const callee = await place.join()
    const caller = await place.join({ clock })
    await callee.register(PROCEDURE, () => 'at once')
    const before = clock.alarms
    expect(await caller.call(PROCEDURE, [], {}, { timeout: 250 })).toBe('at once')
    expect(clock.alarms).toBe(before)
  })

  it('0 is no timeout', async () => {
    const clock = new TestClock()
    await using place = await open({ router: { clock, heartbeat: 1e9 } })
    const callee = await place.join()
    const caller = await place.join({ clock })
    const { handler, running, answer } = slow()
    await callee.register(PROCEDURE, handler)
    const call = caller.call(PROCEDURE, [], {}, { timeout: 0 })
    await running
    clock.pass(1e8)
    answer('after a day')
    expect(await call).toBe('after a day')
  })

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    '%s is refused before it is sent',
    async (timeout) => {
      await using place = await open()
      const caller = await place.join()
      expect(await failure(caller.call(PROCEDURE, [], {}, { timeout }))).toBeInstanceOf(UsageError)
    },
  )

  it('each call has a time of its own', async () => {
    const clock = new TestClock()
    await using place = await open({ router: { clock } })
    const [callee, caller] = await place.joinAll('', '')
    const arrived = promised()
    let calls = 0
    await callee.register(PROCEDURE, () => {
      if (++calls === 2) arrived.resolve()
      return new Promise(() => {})
    })
    const order: number[] = []
    const calling = [300, 100].map((timeout) =>
      failure(caller.call(PROCEDURE, [], {}, { timeout })).then(() => order.push(timeout)),
    )
    await arrived.promise
    clock.pass(100)
    await calling[1]
    expect(order).toEqual([100])
    clock.pass(200)
    await calling[0]
    expect(order).toEqual([100, 300])
  })

  it('forwardTimeout: the callee is told, keeps the time in place of the dealer, and answers', async () => {
    const [atRouter, atCallee] = [new TestClock(), new TestClock()]
    await using place = await open({ router: { clock: atRouter, heartbeat: 1e9 } })
    const callee = await place.join({ clock: atCallee })
    const caller = await place.join({ clock: new TestClock() })
    const { handler, running } = slow()
    await callee.register(PROCEDURE, handler, { forwardTimeout: true })
    const call = failure(caller.call(PROCEDURE, [], {}, { timeout: 250 }))
    const { signal, details } = await running
    expect(details.timeout).toBe(250)
    atRouter.pass(1_000)
    await settled(callee)
    expect(signal.aborted).toBe(false)
    atCallee.pass(250)
    expect(await call).toMatchObject(TIMED_OUT)
    expect(signal.reason).toMatchObject(TIMED_OUT)
  })

  it('forwardTimeout: a call without a timeout has none', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, () => currentInvocation().details.timeout ?? 'none', {
      forwardTimeout: true,
    })
    expect(await caller.call(PROCEDURE)).toBe('none')
  })

  it('forwardTimeout: with progressive results the time begins again with each', async () => {
    const clock = new TestClock()
    await using place = await open()
    const callee = await place.join({ clock })
    const caller = await place.join({ clock: new TestClock() })
    const { handler, running } = slow()
    await callee.register(PROCEDURE, handler, { forwardTimeout: true })
    const stream = caller.stream(PROCEDURE, [], {}, { timeout: 250 })
    const invocation = await running
    for (const n of [1, 2, 3]) {
      clock.pass(200)
      invocation.progress(n)
      expect((await stream.next()).value).toBe(n)
    }
    clock.pass(250)
    expect(await failure(stream.next())).toMatchObject(TIMED_OUT)
  })

  it('an error wamp.error.timeout of the callee’s own, without a timeout, is its error', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, () => {
      throw new ApplicationError(ERROR.timeout, ['the disk did not answer'])
    })
    expect(await failure(caller.call(PROCEDURE))).toMatchObject({
      name: 'ApplicationError',
      uri: ERROR.timeout,
      args: ['the disk did not answer'],
    })
  })
})
