import { CLOSE, ERROR, ticket, wampcra } from '../../src/index.js'
import { promised } from '../features/waiting.js'
import { deepEqual, equal, fails, like, ok } from './assertions.js'
import type { Case } from './case.js'
import { SECRET, TICKET } from './places.js'

export const sessionCases: readonly Case[] = [
  {
    name: 'a client joins, and leaves by GOODBYE (basic/sessions.md)',
    async play(stage) {
      const client = stage.client()
      const left = client.once('leave')
      await client.start()
      like(client.session, { realm: 'realm1', authmethod: 'anonymous' })
      const id = client.session?.id ?? 0
      ok(Number.isSafeInteger(id) && id >= 1)
      await client.stop()
      deepEqual(await left, { reason: CLOSE.realm })
      equal(client.state, 'stopped')
      const [other] = stage.pair
      await fails(other.meta.session.get(id), { uri: ERROR.noSuchSession })
    },
  },
  {
    name: 'two clients have a session each, and the meta API counts them (advanced/meta_api_session.md)',
    async play(stage) {
      const [one, two] = stage.pair
      ok(one.session?.id !== two.session?.id)
      const before = await one.meta.session.count()
      const third = await stage.join()
      equal(await one.meta.session.count(), before + 1)
      ok((await two.meta.session.list()).includes(third.session?.id ?? 0))
    },
  },
  {
    name: 'a client leaves and joins again, with all that it has declared',
    async play(stage) {
      const [caller] = stage.pair
      const uri = stage.uri()
      const client = await stage.join()
      await client.register(uri, () => client.session?.id)
      const first = await caller.call(uri)
      await client.stop()
      await fails(caller.call(uri), { uri: ERROR.noSuchProcedure })
      await client.start()
      const second = await caller.call(uri)
      equal(second, client.session?.id)
      ok(second !== first)
    },
  },
  {
    name: 'a client logs in by ticket (advanced/authentication_ticket.md)',
    async play(stage) {
      const client = await stage.logIn(ticket(TICKET))
      like(client.session, { authid: 'ada', authrole: 'engineer', authmethod: 'ticket' })
      const wrong = stage.logIn(ticket({ ...TICKET, ticket: 'byron' }))
      await fails(wrong, { name: 'SessionClosedError', reason: ERROR.authenticationDenied })
    },
  },
  {
    name: 'a client logs in by challenge and response (advanced/authentication_cra.md)',
    async play(stage) {
      const client = await stage.logIn(wampcra(SECRET))
      like(client.session, { authid: 'grace', authrole: 'admiral', authmethod: 'wampcra' })
      const wrong = stage.logIn(wampcra({ ...SECRET, secret: 'murray' }))
      await fails(wrong, { name: 'SessionClosedError', reason: ERROR.authenticationDenied })
    },
  },
  {
    name: 'a realm that is not there is refused (basic/sessions.md)',
    async play(stage) {
      const refused = stage.join({ realm: 'com.example.nowhere' })
      await fails(refused, { name: 'SessionClosedError', reason: ERROR.noSuchRealm })
    },
  },
  {
    name: 'a session is killed with a reason (advanced/meta_api_session.md)',
    async play(stage) {
      const [killer] = stage.pair
      const victim = await stage.join()
      const left = victim.once('leave')
      const stopped = victim.once('state')
      await killer.meta.session.kill(victim.session?.id ?? 0, { reason: 'com.example.enough' })
      like(await left, { reason: 'com.example.enough' })
      like(await stopped, { state: 'stopped', previous: 'joined' })
    },
  },
  {
    name: 'a call that is under way fails when its client leaves',
    async play(stage) {
      const [callee] = stage.pair
      const uri = stage.uri()
      const called = promised()
      const answer = promised()
      await callee.register(uri, () => {
        called.resolve()
        return answer.promise
      })
      const caller = await stage.join()
      const failing = fails(caller.call(uri), { name: 'SessionClosedError', outcome: 'unknown' })
      await called.promise
      await caller.stop()
      await failing
      answer.resolve()
    },
  },
]
