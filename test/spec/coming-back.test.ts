import { beforeEach, describe, expect, it } from 'vitest'
import type { Dict } from '../../src/messages/dictionaries.js'
import { anonymous, Router } from '../../src/router.js'
import { asTold } from './as-told.js'
import { RawClient } from './raw-client.js'

const PROCEDURE = 'com.example.p'
const KEY = { _owner_key: '0123456789abcdef' }

let router: Router

beforeEach(() => {
  router = new Router({
    realms: [
      { name: 'realm1', auth: [asTold] },
      { name: 'realm2', auth: [anonymous()] },
    ],
  })
})

const joinAs = (authid: string, details: Dict = {}) =>
  RawClient.join(router, { details: { authmethods: ['told'], authid, ...details } })
const sessions = (realm: string) => router.realms.get(realm)?.sessions.size

describe('a client that says HELLO with a secret of its own (_owner_key, a custom key)', () => {
  it('ends its earlier session, and takes its place', () => {
    const ghost = joinAs('ada:staff', KEY)
    ghost.register(PROCEDURE)
    const calling = joinAs('eve:staff')
    calling.call(PROCEDURE)
    const back = joinAs('ada:staff', KEY)
    expect([ghost.transport.isClosed, sessions('realm1')]).toEqual([true, 2])
    back.register(PROCEDURE)
    calling.call(PROCEDURE)
    back.invoked()
  })

  it('does so without a name, too', () => {
    const anonymousClient = () => RawClient.join(router, { realm: 'realm2', details: KEY })
    const ghost = anonymousClient()
    const back = anonymousClient()
    expect([ghost.transport.isClosed, back.transport.isClosed]).toEqual([true, false])
    const third = anonymousClient()
    expect([back.transport.isClosed, third.transport.isClosed]).toEqual([true, false])
  })

  it('ends nothing after its earlier session has ended', () => {
    const first = joinAs('ada:staff', KEY)
    first.leave()
    const second = joinAs('ada:staff', KEY)
    expect(first.transport.isClosed).toBe(false)
    first.join({ details: { authmethods: ['told'], authid: 'bob:staff', ...KEY } })
    expect(second.transport.isClosed).toBe(false)
  })

  it.each([
    ['another authid', 'bob:staff', KEY],
    ['another role', 'ada:guest', KEY],
    ['another key', 'ada:staff', { _owner_key: '0123456789abcdeX' }],
    ['no key', 'ada:staff', {}],
  ])('with %s ends nobody', (_, who, details) => {
    const other = joinAs('ada:staff', KEY)
    joinAs(who, details)
    expect([other.transport.isClosed, sessions('realm1')]).toEqual([false, 2])
  })

  it.each([
    ['short enough to be guessed', '0123456789abcde'],
    ['too long to be kept', 'x'.repeat(257)],
  ])('that is %s ends nobody', (_, key) => {
    const details = { _owner_key: key }
    const other = joinAs('ada:staff', details)
    joinAs('ada:staff', details)
    expect(other.transport.isClosed).toBe(false)
  })
})
