import { afterEach, describe, expect, it, vi } from 'vitest'
import { Client, TransportError } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { turn } from '../spec/fake-transport.js'
import { RawRouter, stop } from '../spec/raw-router.js'
import { TestClock } from '../transports/test-clock.js'

const HEARTBEAT = 1_000

async function joined({ hasHeartbeat = false } = {}) {
  const clock = new TestClock()
  const router = new RawRouter()
  router.hasHeartbeat = hasHeartbeat
  const connection = { heartbeat: HEARTBEAT }
  const reconnect = { jitter: 0 }
  const client = new Client({ realm: 'realm1', transport: router.connect, clock, connection, reconnect })
  const starting = client.start()
  await router.welcome()
  await starting
  return { client, router, clock }
}

type Joined = Awaited<ReturnType<typeof joined>>

/** The client asks, and the router answers as all routers do. */
async function asks({ router }: Joined) {
  const { requestId } = await router.hears(Code.UNSUBSCRIBE)
  return () => router.fails(Code.UNSUBSCRIBE, requestId, 'wamp.error.no_such_subscription')
}

describe('a client over a transport that cannot ping', () => {
  it('asks a silent router for a sign of life, and finds a dead link', async () => {
    const all = await joined()
    const { client, router, clock } = all
    clock.pass(HEARTBEAT)
    await router.hearsNothing()
    clock.pass(HEARTBEAT)
    const answer = await asks(all)
    answer()
    clock.pass(HEARTBEAT)
    await router.hearsNothing()
    clock.pass(HEARTBEAT)
    await asks(all)
    const left = client.once('leave')
    clock.pass(HEARTBEAT)
    const { error } = await left
    expect(error).toBeInstanceOf(TransportError)
    expect(error?.message).toContain(`the router did not answer within ${HEARTBEAT} ms`)
    expect([client.state, router.transport.isClosed]).toEqual(['waiting', true])
    await client.stop()
  })

  it('does not ask a router that speaks', async () => {
    const { client, router, clock } = await joined()
    const subscribing = client.subscribe('com.example.topic', () => {})
    await router.subscribes(7)
    await subscribing
    for (let i = 0; i < 5; i++) {
      router.event(7)
      clock.pass(HEARTBEAT)
    }
    await router.hearsNothing()
    await stop({ client, router, errors: [] })
  })

  it('leaves it to a transport that can', async () => {
    const { client, router, clock } = await joined({ hasHeartbeat: true })
    clock.pass(10 * HEARTBEAT)
    await router.hearsNothing()
    expect(client.state).toBe('joined')
  })

  it('has no timer left when it is stopped', async () => {
    const { client, router, clock } = await joined()
    const stopping = client.stop()
    await router.parts()
    await stopping
    expect(clock.alarms).toBe(0)
  })
})

/** A browser, as far as a client looks at it. */
class Page extends EventTarget {
  readonly document = Object.assign(new EventTarget(), { visibilityState: 'hidden' })

  constructor() {
    super()
    vi.stubGlobal('addEventListener', this.addEventListener.bind(this))
    vi.stubGlobal('removeEventListener', this.removeEventListener.bind(this))
    vi.stubGlobal('document', this.document)
  }

  show(): void {
    this.document.visibilityState = 'visible'
    this.document.dispatchEvent(new Event('visibilitychange'))
  }
}

describe('a client in a browser', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it('tries at once when the network is back, and its next waits are short again', async () => {
    const page = new Page()
    const { client, router } = await joined()
    router.transport.lose()
    page.dispatchEvent(new Event('online'))
    await router.welcome()
    await client.start()
    expect(router.connections).toBe(2)
    await stop({ client, router, errors: [] })
  })

  it('asks the router at once when its page is looked at again, and not when it is hidden', async () => {
    const page = new Page()
    const all = await joined()
    const { client, router, clock } = all
    page.document.dispatchEvent(new Event('visibilitychange'))
    await router.hearsNothing()
    page.show()
    await asks(all)
    clock.pass(HEARTBEAT)
    await turn()
    expect(client.state).toBe('waiting')
    await client.stop()
  })

  it('listens no longer when it is stopped', async () => {
    const page = new Page()
    const { client, router } = await joined()
    const stopping = client.stop()
    await router.parts()
    await stopping
    page.dispatchEvent(new Event('online'))
    page.show()
    await turn()
    expect([client.state, router.connections]).toEqual(['stopped', 1])
  })
})
