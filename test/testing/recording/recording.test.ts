import { describe, expect, it } from 'vitest'
import { DateService } from '../../../examples/01-date-service.js'
import { BinaryNumberService } from '../../../examples/02-binary-number-service.js'
import { Client, ticket, UsageError } from '../../../src/index.js'
import { checkTickets, Router } from '../../../src/router.js'
import { msgpack } from '../../../src/serializers/msgpack/msgpack.js'
import { faulty, record, testClock, testRouter } from '../../../src/testing.js'

describe('a recording', () => {
  it('of a realm has who said what, by the names of services and authids', async () => {
    await using kit = await testRouter()
    const said = record(kit)
    await kit.serve(BinaryNumberService)
    const client = await kit.connect()
    const ada = await kit.connect({ authid: 'ada', authrole: 'frontend' })
    await client.call('com.example.get_binary_number', [5])
    await ada.call('com.example.get_binary_number', ['x']).catch(() => {})
    expect(String(said)).toMatchInlineSnapshot(`
      "BinaryNumberService → router  HELLO realm1
      router → BinaryNumberService  WELCOME <session 1>
      BinaryNumberService → router  REGISTER com.example.get_binary_number
      router → BinaryNumberService  REGISTERED com.example.get_binary_number
      client → router  HELLO realm1
      router → client  WELCOME <session 2>
      ada → router  HELLO realm1 (authmethods: ["testing"], authid: "ada")
      router → ada  WELCOME <session 3> (authid: "ada", authrole: "frontend", authmethod: "testing")
      client → router  CALL com.example.get_binary_number [5]
      router → BinaryNumberService  INVOCATION com.example.get_binary_number [5]
      BinaryNumberService → router  YIELD com.example.get_binary_number ["0b101"]
      router → client  RESULT com.example.get_binary_number ["0b101"]
      ada → router  CALL com.example.get_binary_number ["x"]
      router → BinaryNumberService  INVOCATION com.example.get_binary_number ["x"]
      BinaryNumberService → router  ERROR com.example.get_binary_number wamp.error.invalid_argument ["x is no integer"]
      router → ada  ERROR com.example.get_binary_number wamp.error.invalid_argument ["x is no integer"]"
    `)
  })

  it('of one client has what it says and hears, from when it is asked for', async () => {
    await using kit = await testRouter()
    await kit.serve({
      'com.example.greet': (name: string, { greeting = 'Hello' } = {}) => `${greeting}, ${name}`,
    })
    const client = await kit.connect()
    const other = await kit.connect()
    const subscription = await client.subscribe('com.example.t', () => {})
    const said = kit.record(client)
    await client.call('com.example.greet', ['Ada'], { greeting: 'Hi' }, { timeout: 500, discloseMe: true })
    await other.publish('com.example.t', [1, new Uint8Array(3)], { a: null })
    await client.publish('com.example.t', [], {}, { acknowledge: true })
    await subscription.unsubscribe()
    await client.stop()
    expect(said.lines).toEqual([
      'client → router  CALL com.example.greet ["Ada"] {"greeting":"Hi"} (disclose_me: true, timeout: 500)',
      'router → client  RESULT com.example.greet ["Hi, Ada"]',
      'router → client  EVENT com.example.t [1,<3 bytes>] {"a":null}',
      'client → router  PUBLISH com.example.t (acknowledge: true)',
      'router → client  PUBLISHED com.example.t',
      'client → router  UNSUBSCRIBE com.example.t',
      'router → client  UNSUBSCRIBED com.example.t',
      'client → router  GOODBYE wamp.close.close_realm',
      'router → client  GOODBYE wamp.close.goodbye_and_out',
    ])
  })

  it('is the same in every run, whatever the ids and times are', async () => {
    const runs = []
    for (let run = 0; run < 2; run++) {
      await using kit = await testRouter()
      const watcher = await kit.connect({ serializers: [msgpack()] })
      await watcher.meta.session.onJoin(() => {})
      await watcher.meta.registration.onCreate(() => {})
      const said = kit.record()
      await kit.serve(DateService)
      const { id = 0 } = watcher.session ?? {}
      await watcher.meta.session.get(id)
      const registration = await watcher.meta.registration.lookup('getTodaysDate')
      await watcher.meta.registration.get(registration ?? 0)
      runs.push(said.lines)
    }
    expect(runs[0]).toEqual(runs[1])
    expect(runs[0]).toContain(
      'router → client  EVENT wamp.registration.on_create [<session 1>,{"id":<registration getTodaysDate>,"created":<time>,"uri":"getTodaysDate","match":"exact","invoke":"single"}]',
    )
    expect(runs[0]).toContain('client → router  CALL wamp.registration.get [<registration getTodaysDate>]')
  })

  it('tells calls of one procedure apart that are under way together', async () => {
    await using kit = await testRouter()
    await kit.serve({ 'com.example.wait': () => new Promise(() => {}) })
    const client = await kit.connect()
    const said = kit.record(client)
    const abort = new AbortController()
    const calls = [1, 2].map((n) => client.call('com.example.wait', [n], {}, { signal: abort.signal }))
    abort.abort()
    await Promise.allSettled(calls)
    expect(said.lines).toEqual([
      'client → router  CALL com.example.wait [1]',
      'client → router  CALL com.example.wait #2 [2]',
      'client → router  CANCEL com.example.wait (mode: "killnowait")',
      'router → client  ERROR com.example.wait wamp.error.canceled ["the call of com.example.wait was canceled"]',
      'client → router  CANCEL com.example.wait #2 (mode: "killnowait")',
      'router → client  ERROR com.example.wait #2 wamp.error.canceled ["the call of com.example.wait was canceled"]',
    ])
  })

  it('never has a secret', async () => {
    const auth = [checkTickets({ ada: { ticket: 'hush', authrole: 'frontend' } })]
    await using kit = await testRouter({ auth })
    const said = kit.record()
    await kit.connect({ auth: [ticket({ authid: 'ada', ticket: 'hush' })], reconnect: true })
    expect(said.lines).toEqual([
      'ada → router  HELLO realm1 (authmethods: ["ticket"], authid: "ada")',
      'router → ada  CHALLENGE ticket',
      'ada → router  AUTHENTICATE',
      'router → ada  WELCOME <session 1> (authid: "ada", authrole: "frontend", authmethod: "ticket")',
    ])
  })

  it('goes on with a client that comes back', async () => {
    const clock = testClock()
    await using kit = await testRouter({ clock })
    const faults = kit.faulty()
    const client = await kit.connect({ router: faults, reconnect: { initialDelay: 100, jitter: 0 } })
    const [ofClient, ofWay] = [kit.record(client), record(faults)]
    faults.disconnect()
    await clock.advance(100)
    const expected = ['client → router  HELLO realm1', 'router → client  WELCOME <session 1>']
    expect(ofClient.lines).toEqual(expected)
    expect(ofWay.lines).toEqual(expected)
  })

  it('of a way that fails has what was said, whether it arrives or not', async () => {
    await using router = new Router({ realms: [{ name: 'realm1' }] })
    const faults = faulty(router)
    const client = await new Client({ router: faults, realm: 'realm1' }).start()
    using said = record(faults)
    faults.disconnectBefore('CALL')
    await client.call('com.example.p', [1]).catch(() => {})
    expect(said.lines).toEqual(['client → router  CALL com.example.p [1]'])
    await client.stop()
  })

  it('tells of a message that was or will be said, or what was said instead', async () => {
    await using kit = await testRouter()
    const client = await kit.connect()
    const said = kit.record(client)
    const coming = said.until('PUBLISH')
    await client.publish('com.example.t')
    expect(await coming).toBe(said.messages[0])
    expect(await said.until('client')).toMatchObject({ topic: 'com.example.t' })
    await expect(said.until('CALL', { timeout: 1 })).rejects.toThrow(
      'CALL was not said within 1 ms, but \nclient → router  PUBLISH com.example.t',
    )
    said.clear()
    expect(said.lines).toEqual([])
    said.stop()
    await client.publish('com.example.t')
    expect(said.messages).toEqual([])
  })

  it('is only of clients that have joined the router', async () => {
    await using kit = await testRouter()
    await using other = await testRouter()
    const stranger = await other.connect()
    expect(() => kit.record(stranger)).toThrow(UsageError)
    expect(() => kit.record(new Client({ realm: 'realm1', router: kit.router }))).toThrow(UsageError)
  })
})
