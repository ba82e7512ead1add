import { expect, it } from 'vitest'
import { ApplicationError, currentInvocation, type InvocationContext } from '../../src/index.js'
import { ERROR } from '../../src/uris.js'
import { overEach } from './over-each.js'
import { failure, promised, settled } from './waiting.js'

const PROCEDURE = 'com.example.slow'
const CANCELED = { name: 'CanceledError', uri: ERROR.canceled, cause: 'enough' }

/** A procedure that has taken its signal, and ends when the test says so. */
function slow() {
  const running = promised<InvocationContext>()
  const answer = promised<unknown>()
  const handler = async () => {
    const invocation = currentInvocation()
    void invocation.signal
    running.resolve(invocation)
    const value = await answer.promise
    if (value instanceof Error) throw value
    return value
  }
  return { handler, running: running.promise, answer: answer.resolve }
}

overEach('Call Canceling (rpc_call_canceling.md)', (open) => {
  it('skip: fails the call at once, and leaves the callee alone', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const { handler, running, answer } = slow()
    await callee.register(PROCEDURE, handler)
    const controller = new AbortController()
    const call = failure(caller.call(PROCEDURE, [], {}, { signal: controller.signal, cancelMode: 'skip' }))
    const { signal } = await running
    controller.abort('enough')
    expect(await call).toMatchObject(CANCELED)
    await settled(caller, callee)
    expect(signal.aborted).toBe(false)
    answer('for nobody')
    await settled(callee, caller)
  })

  it.each(['killnowait', undefined] as const)(
    'the mode %s: fails the call at once, and interrupts the callee',
    async (cancelMode) => {
      await using place = await open()
      const [callee, caller] = await place.joinAll('', '')
      const { handler, running, answer } = slow()
      await callee.register(PROCEDURE, handler)
      const controller = new AbortController()
      const options = { signal: controller.signal, ...(cancelMode === undefined ? {} : { cancelMode }) }
      const call = failure(caller.call(PROCEDURE, [], {}, options))
      const { signal } = await running
      controller.abort('enough')
      expect(await call).toMatchObject(CANCELED)
      await settled(caller, callee)
      expect(signal.reason).toMatchObject({ name: 'CanceledError', uri: ERROR.canceled })
      answer('for nobody')
      await settled(callee, caller)
      expect(callee.session).toBeDefined()
    },
  )

  it('kill: interrupts the callee, and waits for its answer', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const { handler, running, answer } = slow()
    await callee.register(PROCEDURE, handler)
    const controller = new AbortController()
    let ended = false
    const call = failure(caller.call(PROCEDURE, [], {}, { signal: controller.signal, cancelMode: 'kill' }))
    void call.then(() => {
      ended = true
    })
    const { signal } = await running
    controller.abort('enough')
    await settled(caller, callee, caller)
    expect([signal.aborted, ended]).toEqual([true, false])
    answer(new Error('stopped'))
    expect(await call).toMatchObject(CANCELED)
  })

  it('kill: the caller gets the result of a callee that was done before', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const { handler, running, answer } = slow()
    await callee.register(PROCEDURE, handler)
    const controller = new AbortController()
    const call = caller.call(PROCEDURE, [], {}, { signal: controller.signal, cancelMode: 'kill' })
    await running
    controller.abort('enough')
    answer('done')
    expect(await call).toBe('done')
  })

  it('kill: the caller gets an error that the callee has chosen itself', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const { handler, running, answer } = slow()
    await callee.register(PROCEDURE, handler)
    const controller = new AbortController()
    const call = failure(caller.call(PROCEDURE, [], {}, { signal: controller.signal, cancelMode: 'kill' }))
    await running
    controller.abort('enough')
    answer(new ApplicationError('com.example.error.half_done', [7]))
    expect(await call).toMatchObject({ uri: 'com.example.error.half_done', args: [7] })
  })

  it('kill: a handler that has not taken the signal is answered for at once', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const running = promised()
    await callee.register(PROCEDURE, () => {
      running.resolve()
      return new Promise(() => {})
    })
    const controller = new AbortController()
    const call = failure(caller.call(PROCEDURE, [], {}, { signal: controller.signal, cancelMode: 'kill' }))
    await running.promise
    controller.abort('enough')
    expect(await call).toMatchObject(CANCELED)
  })

  it('a callee that leaves while a kill waits ends the call as canceled', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const { handler, running } = slow()
    await callee.register(PROCEDURE, handler)
    const controller = new AbortController()
    const call = failure(caller.call(PROCEDURE, [], {}, { signal: controller.signal, cancelMode: 'kill' }))
    await running
    controller.abort('enough')
    await settled(caller)
    await callee.stop()
    expect(await call).toMatchObject(CANCELED)
  })

  it.each(['skip', 'kill', 'killnowait'] as const)(
    '%s: after the end it does nothing',
    async (cancelMode) => {
      await using place = await open()
      const [callee, caller] = await place.joinAll('', '')
      await callee.register(PROCEDURE, (value) => value)
      const controller = new AbortController()
      expect(await caller.call(PROCEDURE, [1], {}, { signal: controller.signal, cancelMode })).toBe(1)
      controller.abort()
      await settled(caller, callee)
      expect(await caller.call(PROCEDURE, [2])).toBe(2)
    },
  )

  it('one call is canceled, and others go on', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const release = promised()
    const arrived = promised()
    let calls = 0
    await callee.register(PROCEDURE, async (name) => {
      const { signal } = currentInvocation()
      if (++calls === 2) arrived.resolve()
      await release.promise
      return [name, signal.aborted]
    })
    const controller = new AbortController()
    const canceled = failure(caller.call(PROCEDURE, ['a'], {}, { signal: controller.signal }))
    const other = caller.call(PROCEDURE, ['b'])
    await arrived.promise
    controller.abort('enough')
    await canceled
    release.resolve()
    expect(await other).toEqual(['b', false])
  })

  it.each(['stops', 'loses its connection'])('a caller that %s has its callees interrupted', async (way) => {
    await using place = await open()
    const callee = await place.join()
    const { client: caller, lose } = await place.joinLosable()
    const { handler, running, answer } = slow()
    await callee.register(PROCEDURE, handler)
    const call = failure(caller.call(PROCEDURE))
    const { signal } = await running
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve))
    if (way === 'stops') await caller.stop()
    else lose()
    await aborted
    await call
    answer('for nobody')
    await settled(callee)
  })

  it('a signal that has aborted before makes no call', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    let calls = 0
    await callee.register(PROCEDURE, () => calls++)
    const signal = AbortSignal.abort('enough')
    expect(await failure(caller.call(PROCEDURE, [], {}, { signal }))).toMatchObject(CANCELED)
    await settled(caller, callee)
    expect(calls).toBe(0)
  })
})
