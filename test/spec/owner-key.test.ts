import { beforeEach, describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import type { Dict } from '../../src/messages/dictionaries.js'
import { Register } from '../../src/messages/rpc.js'
import { Router } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { asTold, joinAs } from './as-told.js'
import { expectError, type RawClient } from './raw-client.js'

const PROCEDURE = 'com.example.p'
const KEY = { _owner_key: 'instance 7' }

let router: Router
let ghost: RawClient

beforeEach(() => {
  router = new Router({ realms: [{ name: 'realm1', auth: [asTold] }] })
  ghost = joinAs(router, 'ada:staff')
})

function refused(who: RawClient, options: Dict): void {
  const register = who.request((id) => new Register(id, options, PROCEDURE))
  expectError(who, Code.REGISTER, register, ERROR.procedureAlreadyExists)
}

function servedBy(who: RawClient): void {
  joinAs(router, 'eve:staff').call(PROCEDURE)
  who.invoked()
}

describe('a registration with an owner key', () => {
  it('is taken back at once by the same authid with the same key, and the ghost is told', () => {
    const registration = ghost.register(PROCEDURE, KEY)
    const back = joinAs(router, 'ada:staff')
    expect(back.register(PROCEDURE, KEY)).toBe(registration)
    expect(ghost.hears(Code.UNREGISTERED).details).toMatchObject({ registration })
    servedBy(back)
    ghost.transport.lose()
    servedBy(back)
  })

  it.each([
    ['another authid', 'bob:staff', KEY],
    ['another key', 'ada:staff', { _owner_key: 'instance 8' }],
    ['no key', 'ada:staff', {}],
  ])('stays with its session for %s', (_, who, options) => {
    ghost.register(PROCEDURE, KEY)
    refused(joinAs(router, who), options)
    servedBy(ghost)
  })

  it('one without a key is not taken by anybody', () => {
    ghost.register(PROCEDURE)
    refused(joinAs(router, 'ada:staff'), KEY)
    servedBy(ghost)
  })

  it('of a shared registration only the place of the ghost is taken', () => {
    const other = joinAs(router, 'ada:staff')
    ghost.register(PROCEDURE, { invoke: 'first', ...KEY })
    other.register(PROCEDURE, { invoke: 'first', _owner_key: 'instance 8' })
    const back = joinAs(router, 'ada:staff')
    back.register(PROCEDURE, { invoke: 'first', ...KEY })
    ghost.hears(Code.UNREGISTERED)
    servedBy(other)
    other.leave()
    servedBy(back)
  })

  it('a key of more than 1,024 characters is refused, and one of as many is taken', () => {
    const ask = (_owner_key: string) => ghost.request((id) => new Register(id, { _owner_key }, PROCEDURE))
    const [sentence] = expectError(ghost, Code.REGISTER, ask('x'.repeat(1_025)), ERROR.invalidArgument)
    expect(sentence).toMatch(/_owner_key/)
    ask('x'.repeat(1_024))
    ghost.hears(Code.REGISTERED)
    servedBy(ghost)
  })

  it('the second one of a session is refused as ever', () => {
    ghost.register(PROCEDURE, KEY)
    refused(ghost, KEY)
  })
})
