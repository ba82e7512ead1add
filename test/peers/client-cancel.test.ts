import { describe, expect, it } from 'vitest'
import { CanceledError, currentInvocation, UsageError } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { ERROR } from '../../src/uris.js'
import { wire } from '../spec/fake-transport.js'
import { BASIC_ROUTER_ROLES, joinedClient } from '../spec/raw-router.js'
import { TestClock } from '../transports/test-clock.js'
import { calling, PROCEDURE } from './calling.js'
import { Pair } from './pair.js'

describe('canceling a call', () => {
  it('says nothing if the signal was aborted before', async () => {
    const { client, router } = await joinedClient()
    const reason = new Error('changed my mind')
    const call = client.call(PROCEDURE, [], {}, { signal: AbortSignal.abort(reason) })
    await expect(call).rejects.toMatchObject({ name: 'CanceledError', uri: ERROR.canceled, cause: reason })
    await router.hearsNothing()
  })

  it.each([undefined, 'killnowait', 'skip'] as const)(
    'with the mode %s fails the call at once when the signal aborts',
    async (cancelMode) => {
      const controller = new AbortController()
      const options = { signal: controller.signal, ...(cancelMode === undefined ? {} : { cancelMode }) }
      const { router, settled, requestId } = await calling(options)
      controller.abort('because')
      expect(await settled).toMatchObject({ error: { name: 'CanceledError', cause: 'because' } })
      const mode = cancelMode ?? 'killnowait'
      expect(wire(await router.hears(Code.CANCEL))).toEqual([Code.CANCEL, requestId, { mode }])
      router.fails(Code.CALL, requestId, ERROR.canceled)
      await router.hearsNothing()
    },
  )

  it.each([
    ['ERROR canceled', 'CanceledError'],
    ['ERROR cancelled', 'CanceledError'],
    ['another ERROR', 'ApplicationError'],
  ])('with the mode kill waits for the callee: %s', async (kind, name) => {
    const controller = new AbortController()
    const { router, settled, requestId } = await calling({ signal: controller.signal, cancelMode: 'kill' })
    controller.abort()
    expect((await router.hears(Code.CANCEL)).options).toEqual({ mode: 'kill' })
    await router.hearsNothing()
    const uri = { 'ERROR canceled': ERROR.canceled, 'ERROR cancelled': ERROR.cancelled }[kind]
    router.fails(Code.CALL, requestId, uri ?? 'com.example.error')
    expect(await settled).toMatchObject({ error: { name } })
  })

  it('with the mode kill fails as canceled when the session ends before the callee has answered', async () => {
    const controller = new AbortController()
    const joined = await calling({ signal: controller.signal, cancelMode: 'kill' })
    controller.abort()
    await joined.router.hears(Code.CANCEL)
    joined.router.transport.lose()
    expect(await joined.settled).toMatchObject({ error: { name: 'CanceledError' } })
  })

  it('with the mode kill gives no more progressive results', async () => {
    const controller = new AbortController()
    const seen: unknown[] = []
    const onProgress = (value: unknown) => seen.push(value)
    const options = { signal: controller.signal, cancelMode: 'kill' as const, onProgress }
    const { router, settled, requestId } = await calling(options)
    router.result(requestId, [1], { progress: true })
    controller.abort()
    router.result(requestId, [2], { progress: true })
    router.fails(Code.CALL, requestId, ERROR.canceled)
    expect(await settled).toMatchObject({ error: { name: 'CanceledError' } })
    expect(seen).toEqual([1])
  })

  it('with the mode kill resolves if the callee was done before', async () => {
    const controller = new AbortController()
    const { router, settled, requestId } = await calling({ signal: controller.signal, cancelMode: 'kill' })
    controller.abort()
    router.result(requestId, ['done'])
    expect(await settled).toEqual({ value: 'done' })
  })

  it('does nothing after the call has ended', async () => {
    const controller = new AbortController()
    const { router, settled, requestId } = await calling({ signal: controller.signal })
    router.result(requestId, ['done'])
    controller.abort()
    expect(await settled).toEqual({ value: 'done' })
    await router.hearsNothing()
  })

  it.each(['kill', 'killnowait', 'skip'] as const)(
    'with the mode %s says nothing to a dealer that has not announced call_canceling',
    async (cancelMode) => {
      const controller = new AbortController()
      const options = { signal: controller.signal, cancelMode }
      const { router, settled } = await calling(options, { routerRoles: BASIC_ROUTER_ROLES })
      controller.abort()
      expect(await settled).toMatchObject({ error: { uri: ERROR.canceled } })
      await router.hearsNothing()
    },
  )

  it('reaches a callee over a router', async () => {
    await using pair = await Pair.join()
    let interrupt = (_: unknown) => {}
    const interrupted = new Promise((resolve) => {
      interrupt = resolve
    })
    const controller = new AbortController()
    await pair.callee.register(PROCEDURE, () => {
      const { signal } = currentInvocation()
      signal.addEventListener('abort', () => interrupt(signal.reason))
      controller.abort()
      return new Promise(() => {})
    })
    await expect(pair.caller.call(PROCEDURE, [], {}, { signal: controller.signal })).rejects.toThrow(
      CanceledError,
    )
    expect(await interrupted).toMatchObject({ name: 'CanceledError', uri: ERROR.canceled })
  })
})

describe('the timeout of a call', () => {
  it('is told to a dealer that keeps time, and runs at the client too', async () => {
    const clock = new TestClock()
    const { router, settled, sent, requestId } = await calling({ timeout: 250 }, { clock })
    expect(sent).toEqual({ timeout: 250 })
    clock.pass(250)
    expect(await settled).toMatchObject({ error: { name: 'CanceledError', uri: ERROR.timeout } })
    expect((await router.hears(Code.CANCEL)).requestId).toBe(requestId)
    router.result(requestId, ['late'])
    await router.hearsNothing()
    expect(clock.alarms).toBe(0)
  })

  it('runs at the client alone if the dealer keeps no time', async () => {
    const clock = new TestClock()
    const { router, settled, sent } = await calling(
      { timeout: 250 },
      { clock, routerRoles: BASIC_ROUTER_ROLES },
    )
    expect(sent).toEqual({})
    clock.pass(250)
    expect(await settled).toMatchObject({ error: { uri: ERROR.timeout } })
    await router.hearsNothing()
  })

  it('ends the waiting, with the mode kill as well', async () => {
    const clock = new TestClock()
    const { router, settled } = await calling({ timeout: 250, cancelMode: 'kill' }, { clock })
    clock.pass(250)
    expect(await settled).toMatchObject({ error: { uri: ERROR.timeout } })
    expect((await router.hears(Code.CANCEL)).options).toEqual({ mode: 'kill' })
  })

  it('is the same error if the dealer was quicker', async () => {
    const clock = new TestClock()
    const { router, settled, requestId } = await calling({ timeout: 250 }, { clock })
    router.fails(Code.CALL, requestId, ERROR.timeout)
    expect(await settled).toMatchObject({ error: { name: 'CanceledError', uri: ERROR.timeout } })
    expect(clock.alarms).toBe(0)
  })

  it('counts from one progressive result to the next', async () => {
    const clock = new TestClock()
    const seen: unknown[] = []
    const options = { timeout: 100, onProgress: (value: unknown) => seen.push(value) }
    const { router, settled, requestId } = await calling(options, { clock })
    for (let i = 0; i < 3; i++) {
      clock.pass(99)
      router.result(requestId, [i], { progress: true })
    }
    clock.pass(100)
    expect(await settled).toMatchObject({ error: { uri: ERROR.timeout } })
    expect(seen).toEqual([0, 1, 2])
  })

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('must not be %d', async (timeout) => {
    const { client } = await joinedClient()
    await expect(client.call(PROCEDURE, [], {}, { timeout })).rejects.toThrow(UsageError)
  })

  it('0 is none', async () => {
    const clock = new TestClock()
    const { router, settled, sent, requestId } = await calling({ timeout: 0 }, { clock })
    expect([sent, clock.alarms]).toEqual([{}, 0])
    router.result(requestId)
    expect(await settled).toEqual({ value: undefined })
  })
})
