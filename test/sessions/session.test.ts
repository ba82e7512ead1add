import { describe, expect, it } from 'vitest'
import { ProtocolError, SessionClosedError, UsageError } from '../../src/errors.js'
import { Code, DEFINITIONS, definitionOf, type MessageName } from '../../src/messages/codes.js'
import { construct } from '../../src/messages/construct.js'
import { ErrorMessage } from '../../src/messages/error-message.js'
import type { Message } from '../../src/messages/message.js'
import { Payload } from '../../src/messages/payload.js'
import { Publish, Subscribe } from '../../src/messages/pubsub.js'
import { Call } from '../../src/messages/rpc.js'
import { Goodbye, Hello, Welcome } from '../../src/messages/session-lifecycle.js'
import { RequestOrder } from '../../src/sessions/request-order.js'
import { Session } from '../../src/sessions/session.js'
import { type SessionState, transition } from '../../src/sessions/states.js'
import { CLOSE, ERROR } from '../../src/uris.js'

const roles = { roles: { caller: {}, callee: {}, publisher: {}, subscriber: {} } }
const hello = new Hello('realm1', roles)
const welcome = new Welcome(4711, { roles: { broker: {}, dealer: { features: { call_canceling: true } } } })

function sessionOf(side: 'client' | 'router') {
  const said: Message[] = []
  const heard: Message[] = []
  const session = new Session(
    side,
    { send: (message) => void said.push(message) },
    {
      handleMessage: (message) => void heard.push(message),
    },
    side === 'router' ? new RequestOrder() : undefined,
  )
  return { session, said, heard }
}

function established(side: 'client' | 'router') {
  const made = sessionOf(side)
  if (side === 'client') {
    made.session.send(hello)
    made.session.receive(welcome)
  } else {
    made.session.receive(hello)
    made.session.send(welcome)
  }
  return made
}

/** A message of this name, with fields that pass. */
function any(name: MessageName, requestId = 1): Message {
  const definition = definitionOf(DEFINITIONS[name].code)
  if (definition === undefined) throw new Error(name)
  const head = definition.fields.map(({ kind, name: field }) => {
    if (kind === 'dict') return name === 'HELLO' ? roles : {}
    if (kind === 'request-type') return Code.CALL
    if (kind === 'uri' || kind === 'string') return 'com.example.any'
    return field.endsWith('.Request') ? requestId : 1
  })
  return construct(definition, [definition.code, ...head], Payload.none)
}

describe('Protocol Errors (building_blocks.md)', () => {
  it.each([
    'HELLO',
    'GOODBYE',
    'ERROR',
    'CALL',
    'PUBLISH',
    'SUBSCRIBE',
    'REGISTER',
    'YIELD',
    'AUTHENTICATE',
  ] as const)('router refuses %s before the session was established, but HELLO', (name) => {
    const { session, heard } = sessionOf('router')
    if (name === 'HELLO') {
      session.receive(any(name))
      expect(heard).toHaveLength(1)
    } else expect(() => session.receive(any(name))).toThrow(ProtocolError)
  })

  it.each([
    'GOODBYE',
    'ERROR',
    'SUBSCRIBED',
    'UNSUBSCRIBED',
    'PUBLISHED',
    'RESULT',
    'REGISTERED',
    'UNREGISTERED',
    'INVOCATION',
    'EVENT',
    'INTERRUPT',
  ] as const)('client refuses %s before the session was established', (name) => {
    const { session } = sessionOf('client')
    session.send(hello)
    expect(() => session.receive(any(name))).toThrow(/before the session was established/)
  })

  it.each(['WELCOME', 'CHALLENGE'] as const)(
    'client refuses %s after the session was established',
    (name) => {
      expect(() => established('client').session.receive(any(name))).toThrow(
        /after the session was established/,
      )
    },
  )

  it.each(['HELLO', 'AUTHENTICATE'] as const)(
    'router refuses %s after the session was established',
    (name) => {
      expect(() => established('router').session.receive(any(name))).toThrow(
        /after the session was established/,
      )
    },
  )

  it('either side refuses what only itself may say', () => {
    expect(() => established('router').session.receive(any('EVENT'))).toThrow(ProtocolError)
    expect(() => established('client').session.receive(any('CALL'))).toThrow(ProtocolError)
  })

  it('router refuses an ERROR for anything but an INVOCATION, client one for an INVOCATION', () => {
    const error = (code: number) => new ErrorMessage(code, 1, {}, 'com.example.error')
    expect(() => established('router').session.receive(error(Code.CALL))).toThrow(/ERROR.Type/)
    expect(() => established('client').session.receive(error(Code.INVOCATION))).toThrow(/ERROR.Type/)
  })

  it.each([
    ['duplicate', 1],
    ['skipped', 3],
  ])('router refuses a %s request id, whatever the request', (_, id) => {
    const { session } = established('router')
    session.receive(new Subscribe(1, {}, 'com.example.topic'))
    expect(() => session.receive(new Call(id, {}, 'com.example.p'))).toThrow(/CALL.Request must be 2/)
  })

  it('router counts the requests of all kinds in one sequence', () => {
    const { session, heard } = established('router')
    session.receive(new Subscribe(1, {}, 'com.example.topic'))
    session.receive(new Publish(2, {}, 'com.example.topic'))
    session.receive(new Call(3, {}, 'com.example.p'))
    expect(heard).toHaveLength(4)
  })
})

describe('Session Closing (sessions.md)', () => {
  it('client ignores everything but GOODBYE once it has said GOODBYE', () => {
    const { session, heard } = established('client')
    session.goodbye(CLOSE.realm)
    session.receive(any('EVENT'))
    session.receive(any('INVOCATION'))
    expect(heard).toHaveLength(1)
    session.receive(new Goodbye({}, CLOSE.goodbyeAndOut))
    expect(session.state).toBe('closed')
  })

  it('router ignores everything but GOODBYE once it has said GOODBYE', () => {
    const { session, heard } = established('router')
    session.goodbye(CLOSE.systemShutdown)
    session.receive(new Call(99, {}, 'com.example.p'))
    expect(heard).toHaveLength(1)
    session.receive(new Goodbye({}, CLOSE.goodbyeAndOut))
    expect(session.state).toBe('closed')
  })

  it('a GOODBYE from both sides at once ends the session at both', () => {
    const { session } = established('client')
    session.goodbye(CLOSE.realm)
    session.receive(new Goodbye({}, CLOSE.systemShutdown))
    expect(session.state).toBe('closed')
  })

  it('a second HELLO on the open transport begins a new session, with request ids from 1', () => {
    const { session } = established('router')
    session.receive(new Call(1, {}, 'com.example.p'))
    session.receive(new Goodbye({}, CLOSE.realm))
    session.goodbye(CLOSE.goodbyeAndOut)
    session.receive(hello)
    session.send(welcome)
    session.receive(new Call(1, {}, 'com.example.p'))
    expect(session.isEstablished).toBe(true)
  })

  it('nothing is said or heard after ABORT', () => {
    const { session, said, heard } = established('router')
    session.abort(ERROR.protocolViolation, 'because')
    session.abort(ERROR.protocolViolation, 'again')
    session.receive(any('CALL'))
    session.send(any('EVENT'))
    expect(said.map(({ code }) => code)).toEqual([Code.WELCOME, Code.ABORT])
    expect(heard).toHaveLength(1)
  })
})

describe('what may be said', () => {
  it('a request without a session fails, and says so', () => {
    expect(() => sessionOf('client').session.send(any('CALL'))).toThrow(SessionClosedError)
  })

  it('a message of the other side is a mistake of the program', () => {
    expect(() => established('client').session.send(any('EVENT'))).toThrow(UsageError)
  })

  it('a request that could not be sent has not used up its id', () => {
    const session = new Session(
      'client',
      {
        send: (message) => {
          if (message.code === Code.CALL && message.procedure === 'com.example.bad')
            throw new UsageError('cannot')
        },
      },
      { handleMessage() {} },
    )
    session.send(hello)
    session.receive(welcome)
    expect(session.request((id) => new Call(id, {}, 'com.example.p'))).toBe(1)
    expect(() => session.request((id) => new Call(id, {}, 'com.example.bad'))).toThrow('cannot')
    expect(session.request((id) => new Call(id, {}, 'com.example.p'))).toBe(2)
  })

  it('a client knows what the router announced, and a router what the client did', () => {
    expect(established('client').session.peer.has('dealer', 'call_canceling')).toBe(true)
    expect(established('router').session.peer.plays('callee')).toBe(true)
    expect(established('router').session.peer.has('callee', 'call_canceling')).toBe(false)
  })
})

describe('the table of states', () => {
  const states: SessionState[] = [
    'closed',
    'establishing',
    'challenged',
    'established',
    'leaving',
    'dismissed',
    'aborted',
  ]
  it('lets ABORT be said in every state until it was said, by whoever may still speak', () => {
    for (const state of states.filter((each) => each !== 'aborted' && each !== 'leaving'))
      expect(transition(state, 'client', Code.ABORT)).toBe('aborted')
    for (const state of states.filter((each) => each !== 'aborted' && each !== 'dismissed'))
      expect(transition(state, 'router', Code.ABORT)).toBe('aborted')
  })

  it('lets HELLO be said only where there is no session', () => {
    expect(states.filter((state) => transition(state, 'client', Code.HELLO) === 'establishing')).toEqual([
      'closed',
    ])
  })
})
