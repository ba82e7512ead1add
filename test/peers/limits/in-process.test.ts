import { describe, expect, it } from 'vitest'
import { Code } from '../../../src/messages/codes.js'
import { Call } from '../../../src/messages/rpc.js'
import { Hello } from '../../../src/messages/session-lifecycle.js'
import { anonymous, type Decision, Router, type RouterOptions } from '../../../src/router.js'
import { json } from '../../../src/serializers/json/json.js'
import { Recorder, turns } from '../../transports/recorder.js'
import { TestClock } from '../../transports/test-clock.js'

/** A client in the router's process that has said HELLO, and so many CALLs, all at once. */
async function calling(count: number, options: Partial<RouterOptions>) {
  const clock = new TestClock()
  const router = new Router({ realms: [{ name: 'realm1' }], clock, ...options })
  const transport = router.connect(json())
  const recorder = new Recorder()
  transport.start(recorder)
  transport.send(new Hello('realm1', { roles: { caller: {} } }))
  for (let id = 1; id <= count; id++) transport.send(new Call(id, {}, 'com.example.nobody'))
  await turns(2)
  const answered = () => recorder.messages.filter(({ code }) => code === Code.ERROR).length
  return { clock, router, transport, answered }
}

describe('a client in the process of the router', () => {
  it('is slowed down like any other, and loses nothing', async () => {
    const limits = { messagesPerSecond: 10, messageBurst: 10 }
    const { clock, router, transport, answered } = await calling(100, { limits })
    expect(router.counters.throttled).toBe(1)
    expect(answered()).toBe(10)
    expect(transport.backlog).toBeGreaterThan(0)
    for (let second = 1; answered() < 100; second++) {
      clock.pass(1_000)
      await turns(2)
      expect(answered()).toBeLessThanOrEqual(10 + 11 * second)
    }
    expect(transport.backlog).toBe(0)
    transport.close()
  })

  it('is not read from, like any other, while much waits for an authorizer', async () => {
    let decide: (decision: Decision) => void = () => {}
    let asked = 0
    const authorizer = {
      authorize: () => {
        asked++
        if (asked > 1) return { allow: true }
        return new Promise<Decision>((resolve) => {
          decide = resolve
        })
      },
    }
    const realms = [{ name: 'realm1', auth: [anonymous()], authorizer }]
    const { router, transport, answered } = await calling(2_000, { realms })
    expect(router.counters.undecided).toBe(1)
    const message = '[48,1000,{},"com.example.nobody"]'.length
    // One is being judged, and a hundred wait; the others have stayed with their client.
    expect(transport.backlog).toBeGreaterThan((2_000 - 101 - 1) * (message - 3))
    decide({ allow: true })
    await turns(10)
    expect(answered()).toBe(2_000)
    transport.close()
  })
})
