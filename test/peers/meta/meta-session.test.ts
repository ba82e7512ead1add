import { Buffer } from 'node:buffer'
import { beforeEach, describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../src/errors.js'
import { Code } from '../../../src/messages/codes.js'
import { Payload } from '../../../src/messages/payload.js'
import { Call } from '../../../src/messages/rpc.js'
import type { Router } from '../../../src/router.js'
import type { Session } from '../../../src/sessions/session.js'
import { ERROR, META } from '../../../src/uris.js'
import { expectError, expectResult, RawClient, routerWithRealm } from '../../spec/raw-client.js'

let router: Router
let client: RawClient

beforeEach(() => {
  router = routerWithRealm()
  client = RawClient.join(router)
})

/** Calls with a payload that has not come from the wire. */
async function callWith(payload: Payload, requestId = 1): Promise<number> {
  const realm = router.realms.get('realm1')
  const session = realm?.sessions.get(client.sessionId) as Session
  realm?.dealer.call(session, new Call(requestId, {}, META.session.count, payload))
  await Promise.resolve()
  return requestId
}

describe('a meta procedure', () => {
  it('whose arguments cannot be read says so, and that it is the fault of the caller', async () => {
    const decode = () => {
      throw new ProtocolError('a number in the message is too large for a double')
    }
    const unreadable = Payload.fromEncoded({ format: 'json', count: 1, bytes: Buffer.from(',[]]'), decode })
    const call = await callWith(unreadable)
    expect(expectError(client, Code.CALL, call, ERROR.invalidArgument)).toEqual([
      'the arguments cannot be read: a number in the message is too large for a double',
    ])
    expectResult(client, await callWith(Payload.none, 2), 1)
  })

  it('looks at a long list of authroles as often, however many sessions there are', async () => {
    let reads = 0
    const authroles = new Proxy(
      Array.from({ length: 1_000 }, (_, n) => (n === 999 ? 'anonymous' : `role${n}`)),
      {
        get(list, key, receiver) {
          reads++
          return Reflect.get(list, key, receiver)
        },
      },
    )
    const one = await callWith(new Payload([authroles]))
    const readsForOne = reads
    expect(readsForOne).toBeGreaterThan(999)
    expectResult(client, one, 1)
    for (let n = 0; n < 50; n++) RawClient.join(router)
    reads = 0
    const all = await callWith(new Payload([authroles]), 2)
    expectResult(client, all, 51)
    expect(reads).toBe(readsForOne)
  })

  it('takes a list of authroles of any length', async () => {
    const authroles = Array.from({ length: 200_000 }, (_, n) => `role${n}`)
    const none = client.call(META.session.count, [authroles])
    await Promise.resolve()
    expectResult(client, none, 0)
    const one = client.call(META.session.count, [[...authroles, 'anonymous', 'anonymous']])
    await Promise.resolve()
    expectResult(client, one, 1)
  })
})
