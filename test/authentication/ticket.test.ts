import { describe, expect, it } from 'vitest'
import { type ClientAuthentication, ticket, UsageError } from '../../src/index.js'
import { checkTickets, type TicketPrincipal } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { answerOf, attemptOf, challengeOf, join, logIn, routerWith } from './logging-in.js'

const ADA: TicketPrincipal = { tickets: ['lovelace', (code) => code === '123456'], authrole: 'engineer' }
const denied = { outcome: 'refusal', reason: ERROR.authenticationDenied }

const inRounds = (...answers: string[]): ClientAuthentication =>
  ticket({ authid: 'ada', ticket: ({ extra }) => answers[Number(extra.round ?? 1) - 1] ?? '' })

describe('Ticket-based Authentication: several rounds (authentication.md, "two-factor authentication")', () => {
  it('client is asked for each ticket in its round', async () => {
    await using client = await join(routerWith(checkTickets({ ada: ADA })), [inRounds('lovelace', '123456')])
    expect(client.session).toMatchObject({ authid: 'ada', authrole: 'engineer', authmethod: 'ticket' })
  })

  it.each([
    ['the first', ['wrong', '123456']],
    ['the second', ['lovelace', '000000']],
    ['the second, which is the first again', ['lovelace', 'lovelace']],
  ])('router refuses when %s is wrong', async (_, answers) => {
    expect(await logIn(inRounds(...answers), checkTickets({ ada: ADA }))).toMatchObject(denied)
  })

  it('router does not say that there would be a second round when the first was wrong', async () => {
    const refusals = ['ada', 'nobody'].map((authid) =>
      logIn({ ...inRounds('wrong'), authid }, checkTickets({ ada: ADA })),
    )
    const [known, unknown] = await Promise.all(refusals)
    expect(known).toEqual(unknown)
  })

  it('a check that answers anything but true refuses', async () => {
    const lax = { ada: { ticket: (() => 'yes') as unknown as () => boolean, authrole: 'engineer' } }
    expect(await logIn(inRounds('x'), checkTickets(lax))).toMatchObject(denied)
  })

  it('a check may take its time', async () => {
    const slow = { ada: { ticket: async (code: string) => code === '1', authrole: 'engineer' } }
    expect(await logIn(inRounds('1'), checkTickets(slow))).toMatchObject({ outcome: 'welcome' })
  })
})

describe('Ticket-based Authentication: principals that are looked up', () => {
  it.each([
    ['at once', (authid: string) => (authid === 'ada' ? ADA : undefined)],
    ['later', async (authid: string) => (authid === 'ada' ? ADA : undefined)],
  ])('router knows whom a function finds %s', async (_, lookup) => {
    const router = checkTickets(lookup)
    expect(await logIn(inRounds('lovelace', '123456'), router)).toMatchObject({
      outcome: 'welcome',
      principal: { authid: 'ada', authrole: 'engineer', authprovider: 'dynamic' },
    })
    expect(await logIn({ ...inRounds('lovelace'), authid: 'bob' }, router)).toMatchObject(denied)
  })

  it('a function is asked once for a log-in, when the first ticket is there', async () => {
    const asked: unknown[] = []
    const router = checkTickets((authid, { sessionId }, claims) => {
      asked.push([authid, sessionId, claims])
      return ADA
    })
    await logIn(inRounds('lovelace', '123456'), router)
    expect(asked).toEqual([['ada', 4711, { authmethod: 'ticket', ticket: 'lovelace' }]])
  })

  it('a function may have checked the ticket itself; a record cannot', async () => {
    const router = checkTickets((_, __, claims) =>
      claims.ticket === 'lovelace' ? { verified: true, authrole: 'engineer' } : undefined,
    )
    expect(await logIn(inRounds('lovelace'), router)).toMatchObject({ outcome: 'welcome' })
    expect(await logIn(inRounds('wrong'), router)).toMatchObject(denied)
    expect(() => checkTickets({ ada: { verified: true, authrole: 'engineer' } })).toThrow(UsageError)
  })

  it.each<[string, unknown]>([
    ['no ticket', { authrole: 'engineer' }],
    ['an empty ticket', { authrole: 'engineer', ticket: '' }],
    ['a ticket and tickets', { authrole: 'engineer', ticket: 'a', tickets: ['a'] }],
    ['no tickets', { authrole: 'engineer', tickets: [] }],
    ['an empty ticket among others', { authrole: 'engineer', tickets: ['a', ''] }],
    ['a ticket and a vouching', { authrole: 'engineer', ticket: 'a', verified: true }],
    ['a vouching that is none', { authrole: 'engineer', verified: 'true' }],
    ['no authrole', { ticket: 'a' }],
    ['an authextra that is no dictionary', { ticket: 'a', authrole: 'engineer', authextra: [1] }],
    ['nothing of a dictionary', 'lovelace'],
  ])('a principal with %s is none', async (_, principal) => {
    const given = principal as TicketPrincipal
    expect(() => checkTickets({ ada: given })).toThrow(UsageError)
    const step = challengeOf(
      checkTickets(() => given),
      attemptOf({ authid: 'ada' }),
    )
    const { check } = await step
    await expect((async () => check(answerOf('lovelace')))()).rejects.toThrow(UsageError)
  })

  it('router tells in WELCOME what the principal has to be told', async () => {
    const router = checkTickets({ ada: { ticket: 'a', authrole: 'engineer', authextra: { desk: 7 } } })
    expect(await logIn(inRounds('a'), router)).toMatchObject({ principal: { authextra: { desk: 7 } } })
  })
})
