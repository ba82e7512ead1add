import { describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import { Authenticate, Challenge } from '../../src/messages/session-lifecycle.js'
import {
  type AuthenticationStep,
  anonymous,
  checkTickets,
  type RealmOptions,
  Router,
  type RouterAuthentication,
} from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { turn } from './fake-transport.js'
import { expectAbort, RawClient } from './raw-client.js'

const tickets = (ticket: string) => checkTickets({ ada: { ticket, authrole: 'user' } })
const realm = (...auth: RouterAuthentication[]): RealmOptions => ({ name: 'realm1', auth })
const asAda = { details: { authmethods: ['ticket'], authid: 'ada' } }

function challenged(router: Router): RawClient {
  const client = new RawClient(router)
  client.hello(asAda)
  client.hears(Code.CHALLENGE)
  return client
}

describe('A log-in that is under way when a router takes over other rules', () => {
  it('is refused, though its answer is right by the rules that it began by', () => {
    const router = new Router({ realms: [realm(tickets('old'))] })
    const [before, during] = [challenged(router), challenged(router)]
    before.say(new Authenticate('old'))
    before.hears(Code.WELCOME)
    router.reload([realm(tickets('new'))])
    during.say(new Authenticate('old'))
    expect(expectAbort(during, ERROR.authenticationFailed)).toContain('log in again')
    expect(router.realms.get('realm1')?.sessions.size).toBe(1)
  })

  it('counts for no failed one, right or wrong: by which rules would it be?', () => {
    const router = new Router({ realms: [realm(tickets('old'))] })
    const clients = ['old', 'new', 'wrong'].map((ticket) => [challenged(router), ticket] as const)
    router.reload([realm(tickets('new'))])
    for (const [client, ticket] of clients) {
      client.say(new Authenticate(ticket))
      expectAbort(client, ERROR.authenticationFailed)
    }
    expect(router.counters.failedLogins).toBe(0)
  })

  it('may begin again, and is judged by the new rules then', () => {
    const router = new Router({ realms: [realm(tickets('old'))] })
    router.reload([realm(tickets('new'))])
    const [right, wrong] = [challenged(router), challenged(router)]
    right.say(new Authenticate('new'))
    right.hears(Code.WELCOME)
    wrong.say(new Authenticate('old'))
    expectAbort(wrong, ERROR.authenticationDenied)
  })

  it('is refused although a method was asked before, and answers after', async () => {
    const answers: ((step: AuthenticationStep) => void)[] = []
    const slow: RouterAuthentication = {
      method: 'ticket',
      begin: () => ({
        outcome: 'challenge',
        challenge: new Challenge('ticket'),
        check: () => new Promise((resolve) => answers.push(resolve)),
      }),
    }
    const router = new Router({ realms: [realm(slow)] })
    const client = challenged(router)
    client.say(new Authenticate('old'))
    router.reload([realm(anonymous())])
    answers[0]?.({ outcome: 'welcome', principal: { authid: 'ada', authrole: 'user' } })
    await turn()
    expectAbort(client, ERROR.authenticationFailed)
    expect(router.realms.get('realm1')?.sessions.size).toBe(0)
  })

  it('goes on where another realm has got other rules', () => {
    const router = new Router({ realms: [realm(tickets('old')), { name: 'realm2' }] })
    const client = challenged(router)
    router.reload([{ name: 'realm2', auth: [anonymous()] }])
    client.say(new Authenticate('old'))
    client.hears(Code.WELCOME)
  })
})
