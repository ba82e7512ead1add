import { describe, expect, it } from 'vitest'
import { Client, MessageHandler } from '../../src/index.js'
import { Code, definitionOf } from '../../src/messages/codes.js'
import type { Message } from '../../src/messages/message.js'
import type { EventMessage } from '../../src/messages/pubsub.js'
import type { Interrupt, Invocation, Result } from '../../src/messages/rpc.js'
import { Challenge } from '../../src/messages/session-lifecycle.js'
import { CLOSE } from '../../src/uris.js'
import { turn } from '../spec/fake-transport.js'
import { joinedClient, RawRouter, stop } from '../spec/raw-router.js'
import { PROCEDURE } from './calling.js'
import { Pair } from './pair.js'

/** A handler that notes the names of the messages that pass. */
function noting() {
  const seen: string[] = []
  class Noting extends MessageHandler {
    override handleMessage(message: Message) {
      seen.push(definitionOf(message.code)?.name ?? '')
      return super.handleMessage(message)
    }
  }
  return { seen, Noting }
}

describe('a message handler of one’s own', () => {
  it('sees every message before it is handled', async () => {
    const { seen, Noting } = noting()
    await using pair = await Pair.join({ messageHandler: Noting })
    const { caller } = pair
    seen.length = 0
    const registration = await caller.register(PROCEDURE, () => 'ok')
    const subscription = await caller.subscribe('com.example.topic', () => {})
    expect(await caller.call(PROCEDURE)).toBe('ok')
    await caller.publish('com.example.topic', [], {}, { acknowledge: true, excludeMe: false })
    await caller.call('com.example.nobody').catch(() => {})
    await subscription.unsubscribe()
    await registration.unregister()
    expect(seen).toEqual([
      'REGISTERED',
      'SUBSCRIBED',
      'INVOCATION',
      'RESULT',
      'EVENT',
      'PUBLISHED',
      'ERROR',
      'UNSUBSCRIBED',
      'UNREGISTERED',
    ])
  })

  it('has a method for each message, and may leave one out', async () => {
    class Deaf extends MessageHandler {
      override handleEvent(message: EventMessage) {
        if (message.payload.args[0] !== 'secret') return super.handleEvent(message)
      }
    }
    const { client, router } = await joinedClient({ messageHandler: Deaf })
    const heard: unknown[] = []
    const subscribing = client.subscribe('com.example.topic', (value) => heard.push(value))
    await router.subscribes(7)
    await subscribing
    router.event(7, ['secret'])
    router.event(7, ['open'])
    expect(heard).toEqual(['open'])
  })

  it('may do its work later', async () => {
    class Slow extends MessageHandler {
      override async handleMessage(message: Message) {
        await turn()
        await super.handleMessage(message)
      }
    }
    await using pair = await Pair.join({ messageHandler: Slow })
    const heard: unknown[] = []
    await pair.callee.register(PROCEDURE, (n) => n + 1)
    await pair.callee.subscribe('com.example.topic', (n) => heard.push(n))
    expect(await pair.caller.call(PROCEDURE, [1])).toBe(2)
    for (const n of [1, 2, 3]) await pair.caller.publish('com.example.topic', [n], {}, { acknowledge: true })
    await turn()
    await turn()
    expect(heard).toEqual([1, 2, 3])
  })

  it.each(['throws', 'rejects'])(
    'that %s is told of in the error event, and the session goes on',
    async (how) => {
      class Broken extends MessageHandler {
        override handleInvocation(message: Invocation): void | Promise<void> {
          if (message.payload.args[0] !== 'bad') return super.handleInvocation(message)
          if (how === 'throws') throw new Error('broken handler')
          return Promise.reject(new Error('broken handler'))
        }
      }
      const { client, router, errors } = await joinedClient({ messageHandler: Broken })
      const registering = client.register(PROCEDURE, () => 'ok')
      await router.registers(1)
      await registering
      router.invoke(1, ['bad'])
      router.invoke(1, ['good'])
      expect((await router.hears(Code.YIELD)).requestId).toBe(2)
      expect(errors).toEqual([new Error('broken handler')])
      expect(client.session).toBeDefined()
    },
  )

  it('that fails with WELCOME or CHALLENGE fails the start, at once', async () => {
    class Broken extends MessageHandler {
      override handleWelcome(): Promise<void> {
        throw new Error('no welcome')
      }
      override async handleChallenge() {
        throw new Error('no challenge')
      }
    }
    const raw = new RawRouter()
    const client = new Client({ realm: 'realm1', transport: raw.connect, messageHandler: Broken })
    const first = client.start()
    first.catch(() => {})
    await raw.welcome()
    await raw.parts()
    await expect(first).rejects.toThrow('no welcome')
    const second = client.start()
    second.catch(() => {})
    await raw.hears(Code.HELLO)
    raw.say(new Challenge('ticket'))
    await expect(second).rejects.toThrow('no challenge')
    expect(raw.transport.isClosed).toBe(true)
  })

  it('that fails is logged if nobody listens for the error event', async () => {
    class Broken extends MessageHandler {
      override handleResult(_: Result): void {
        throw new Error('broken handler')
      }
    }
    const logged: unknown[] = []
    const nothing = () => {}
    const logger = {
      debug: nothing,
      info: nothing,
      warn: nothing,
      error: (...line: unknown[]) => logged.push(line),
    }
    const raw = new RawRouter()
    const client = new Client({ realm: 'realm1', transport: raw.connect, messageHandler: Broken, logger })
    const starting = client.start()
    await raw.welcome()
    await starting
    client.call(PROCEDURE).catch(() => {})
    await raw.hears(Code.CALL)
    raw.result(1)
    expect(logged).toEqual([[expect.stringContaining('nobody listens'), new Error('broken handler')]])
  })

  it('reaches the session and the roles through its client', async () => {
    const reached: unknown[] = []
    class Curious extends MessageHandler {
      override handleInterrupt(message: Interrupt) {
        const { session, caller, callee, publisher, subscriber } = this.client
        reached.push(session.realm, ...[caller, callee, publisher, subscriber].map(Boolean))
        return super.handleInterrupt(message)
      }
    }
    const { router } = await joinedClient({ messageHandler: Curious })
    router.transport.sayWire([Code.INTERRUPT, 1, {}])
    expect(reached).toEqual(['realm1', true, true, true, true])
  })
})

describe('listeners', () => {
  it('that throw are told of in the error event, and do not keep the others from hearing', async () => {
    const { client, router, errors } = await joinedClient()
    const heard: string[] = []
    client.on('leave', () => {
      throw new Error('bad listener')
    })
    client.on('leave', ({ reason }) => heard.push(reason))
    const off = client.on('leave', () => heard.push('never'))
    off[Symbol.dispose]()
    const never = () => heard.push('never')
    client.on('leave', never)
    client.off('leave', never)
    await stop({ client, router, errors })
    expect(heard).toEqual([CLOSE.realm])
    expect(errors).toEqual([new Error('bad listener')])
  })

  it('for errors that throw are logged, and no more', async () => {
    const logged: unknown[] = []
    const nothing = () => {}
    const logger = {
      debug: nothing,
      info: nothing,
      warn: nothing,
      error: (...line: unknown[]) => logged.push(line),
    }
    const { client, router } = await joinedClient({ logger })
    client.on('error', () => {
      throw new Error('bad listener')
    })
    const subscribing = client.subscribe('com.example.topic', () => {
      throw new Error('oops')
    })
    await router.subscribes(7)
    await subscribing
    router.event(7)
    expect(logged).toEqual([[expect.any(String), new Error('bad listener')]])
    expect(client.session).toBeDefined()
  })
})
