import { describe, expect, it } from 'vitest'
import { ApplicationError, CanceledError } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { RawClient, routerWithRealm } from '../spec/raw-client.js'
import { TestClock } from '../transports/test-clock.js'

function open() {
  const clock = new TestClock()
  const router = routerWithRealm({ clock })
  const callee = RawClient.join(router)
  callee.register('com.example.p')
  const realm = router.realms.get('realm1')
  return {
    clock,
    callee,
    call: (...args: unknown[]) => realm?.call('com.example.p', args) as Promise<unknown>,
    realm,
  }
}

describe('a realm that calls a procedure of its own', () => {
  it('resolves to the result, and tells the callee that it is the router', async () => {
    const { callee, call, clock } = open()
    const called = call(1, 2)
    const invocation = callee.hears(Code.INVOCATION)
    expect(invocation.payload.args).toEqual([1, 2])
    expect(invocation.details.caller_authrole).toBe('trusted')
    callee.yield(invocation.requestId, [3])
    expect(await called).toBe(3)
    expect(clock.alarms).toBe(0)
  })

  it('rejects with the error of the procedure, and where there is none', async () => {
    const { callee, call, realm } = open()
    const called = call()
    callee.fail(callee.invoked(), 'com.example.no', ['because'])
    await expect(called).rejects.toMatchObject({ uri: 'com.example.no', args: ['because'] })
    await expect(realm?.call('com.example.nobody', [])).rejects.toThrow(ApplicationError)
  })

  it('does not wait for ever, and interrupts who does not answer', async () => {
    const { callee, call, clock } = open()
    const called = call()
    const invocation = callee.invoked()
    clock.pass(5_000)
    await expect(called).rejects.toThrow(CanceledError)
    expect(callee.hears(Code.INTERRUPT).requestId).toBe(invocation)
  })

  it('is no session of the realm', () => {
    const { realm } = open()
    expect(realm?.sessions.size).toBe(1)
  })
})
