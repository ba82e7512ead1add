import { beforeEach, describe, expect, it } from 'vitest'
import { Client, currentInvocation } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { Router } from '../../src/router.js'
import { announce } from '../../src/sessions/features.js'
import { ERROR } from '../../src/uris.js'
import { TestClock } from '../transports/test-clock.js'
import { RawClient, ROLES, routerWithRealm } from './raw-client.js'

const PROCEDURE = 'com.example.p'

describe('Callee-Initiated Timeouts (rpc_call_timeout.md)', () => {
  let clock: TestClock
  let router: Router
  let caller: RawClient

  beforeEach(() => {
    clock = new TestClock()
    router = routerWithRealm({ clock })
    caller = RawClient.join(router)
  })

  function calleeOf(features: string[], options: Record<string, unknown>): RawClient {
    const callee = RawClient.join(router, { roles: { ...ROLES, ...announce({ callee: features }) } })
    callee.register(PROCEDURE, options)
    return callee
  }

  it('dealer forwards the timeout, and keeps no time, where the registration asks for that', () => {
    const callee = calleeOf(['call_timeout', 'call_canceling'], { forward_timeout: true })
    caller.call(PROCEDURE, [], { timeout: 250 })
    expect(callee.hears(Code.INVOCATION).details).toEqual({ timeout: 250 })
    expect(clock.alarms).toBe(0)
  })

  it.each([
    ['the registration does not ask', ['call_timeout'], {}],
    ['the callee has not announced call_timeout', ['call_canceling'], { forward_timeout: true }],
  ])('dealer keeps the time itself where %s', (_, features, options) => {
    const callee = calleeOf(features, options)
    caller.call(PROCEDURE, [], { timeout: 250 })
    expect(callee.hears(Code.INVOCATION).details).toEqual({})
    expect(clock.alarms).toBe(1)
  })

  it('dealer forwards no timeout of a call that has none', () => {
    const callee = calleeOf(['call_timeout'], { forward_timeout: true })
    caller.call(PROCEDURE)
    expect(callee.hears(Code.INVOCATION).details).toEqual({})
  })
})

describe('our callee, with forwardTimeout', () => {
  async function serving(handler: () => unknown) {
    const clock = new TestClock()
    const router = new Router({ realms: [{ name: 'realm1' }] })
    const service = await new Client({ router, realm: 'realm1', clock }).start()
    const client = await new Client({ router, realm: 'realm1', clock: new TestClock() }).start()
    await service.register(PROCEDURE, handler, { forwardTimeout: true })
    const stop = async () => {
      await Promise.all([client.stop(), service.stop()])
      await router.close()
    }
    return { clock, client, stop }
  }

  it('ends the call with wamp.error.timeout when the time is over, and aborts the signal', async () => {
    let running = (_: AbortSignal) => {}
    const started = new Promise<AbortSignal>((resolve) => {
      running = resolve
    })
    const { clock, client, stop } = await serving(() => {
      running(currentInvocation().signal)
      return new Promise(() => {})
    })
    const call = client.call(PROCEDURE, [], undefined, { timeout: 250 })
    const signal = await started
    clock.pass(250)
    await expect(call).rejects.toMatchObject({ name: 'CanceledError', uri: ERROR.timeout })
    expect(signal.aborted).toBe(true)
    await stop()
  })

  it('keeps no time any longer than the call lasts', async () => {
    const { clock, client, stop } = await serving(() => 'at once')
    expect(await client.call(PROCEDURE, [], undefined, { timeout: 250 })).toBe('at once')
    expect(clock.alarms).toBe(0)
    await stop()
  })
})
