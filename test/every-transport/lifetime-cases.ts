import { CLOSE, ERROR, SessionClosedError, TransportError } from '../../src/index.js'
import { failure, Heard } from '../features/waiting.js'
import { deepEqual, equal, fails, like, ok } from './assertions.js'
import type { Case } from './case.js'
import { LONGEST_MESSAGE } from './places.js'

const SOON = { initialDelay: 1, maxDelay: 20, jitter: 0 }

export const lifetimeCases: readonly Case[] = [
  {
    name: 'a message that is too long fails alone (advanced/transport_rawsocket.md, "Maximum Message Size")',
    needs: 'limit',
    async play(stage) {
      const [callee, caller] = stage.pair
      const uri = stage.uri()
      await callee.register(uri, (value: unknown) => (value === 'long' ? 'x'.repeat(LONGEST_MESSAGE) : value))
      const sessions = [callee.session?.id, caller.session?.id]
      const tooLong = { uri: ERROR.payloadSizeExceeded }
      await fails(caller.call(uri, ['x'.repeat(LONGEST_MESSAGE)]), tooLong)
      await fails(caller.call(uri, ['long']), tooLong)
      equal(await caller.call(uri, ['short']), 'short')
      deepEqual([callee.session?.id, caller.session?.id], sessions)
    },
  },
  {
    name: 'who has not logged in may not say as much as others',
    needs: 'stricter limit',
    async play(stage) {
      const error = await failure(stage.join({ agent: 'x'.repeat(100_000) }))
      ok(error instanceof TransportError || error instanceof SessionClosedError)
      equal((await stage.join({ agent: 'x'.repeat(10_000) })).state, 'joined')
    },
  },
  {
    name: 'a router that closes says GOODBYE (basic/sessions.md)',
    async play(stage) {
      const place = await stage.ownPlace()
      const client = await stage.join({ reconnect: false }, place)
      const left = client.once('leave')
      const stopped = client.once('state')
      await place.router.close()
      const { reason, error } = await left
      equal(reason, CLOSE.systemShutdown)
      like(error, { name: 'SessionClosedError', reason })
      like(await stopped, { state: 'stopped', previous: 'joined' })
    },
  },
  {
    name: 'when the router is restarted clients come back, with registrations and subscriptions',
    async play(stage) {
      const place = await stage.ownPlace()
      const [callee, caller] = [
        await stage.join({ reconnect: SOON }, place),
        await stage.join({ reconnect: SOON }, place),
      ]
      const [uri, topic] = [stage.uri(), stage.uri()]
      const heard = new Heard<unknown>()
      const registration = await callee.register(uri, (n: number) => n + 1, { match: 'prefix' })
      await caller.subscribe(topic, heard.add)
      const before = [callee.session?.id, caller.session?.id]
      const back = [callee.once('join'), caller.once('join')]
      await Promise.all([place.restart(), ...back])
      equal(before.includes(callee.session?.id), false)
      equal(await caller.call(`${uri}.any`, [1]), 2)
      await callee.publish(topic, ['again'])
      deepEqual(await heard.first(1), ['again'])
      await registration.unregister()
      await fails(caller.call(`${uri}.any`, [1]), { uri: ERROR.noSuchProcedure })
    },
  },
]
