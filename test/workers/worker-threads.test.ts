import { beforeAll, describe, expect, it } from 'vitest'
import { CanceledError, Client, ERROR, silentLogger } from '../../src/index.js'
import { Router } from '../../src/router.js'
import { failure, promised, readAll } from '../features/waiting.js'
import { bundledProgram, Thread } from './thread.js'

let program = ''
beforeAll(async () => {
  program = await bundledProgram()
})

const realms = [{ name: 'realm1' }]

/** A router, a client beside it, and a worker that has joined. */
class Scene implements AsyncDisposable {
  private constructor(
    readonly router: Router,
    readonly client: Client,
    readonly thread: Thread,
    readonly sessionId: number,
    readonly left: Promise<unknown>,
  ) {}

  static async open(join: (router: Router) => Thread): Promise<Scene> {
    const router = await new Router({ realms, logger: silentLogger, closeTimeout: 60_000 }).listen({
      port: 0,
    })
    const client = await new Client({ router, realm: 'realm1' }).start()
    const left = promised<unknown>()
    await client.subscribe('wamp.session.on_leave', (sessionId: number) => left.resolve(sessionId))
    const thread = join(router)
    const [sessionId = 0] = await thread.joined.first(1)
    return new Scene(router, client, thread, sessionId, left.promise)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.stop()
    await this.thread[Symbol.asyncDispose]()
    await this.router.close()
  }
}

const ways: [name: string, join: (router: Router) => Thread][] = [
  ['over a MessagePort', (router) => Thread.joiningByPort(program, router)],
  ['over ws:', (router) => Thread.joining(program, router.urls[0] ?? '')],
  ['over rs:', (router) => Thread.joining(program, router.urls.find((url) => url.startsWith('rs:')) ?? '')],
]

describe.each(ways)('a client in a worker thread, %s', (_, join) => {
  it('serves, calls and hears, and knows what its methods run for', async () => {
    await using scene = await Scene.open(join)
    const { client, thread } = scene
    await client.register('com.example.main.double', (n: number) => 2 * n)
    const procedure = 'com.example.worker.thread'
    const { threadId } = thread.worker
    expect(await client.call(procedure, [Uint8Array.of(0, 255), 'ü'])).toEqual({
      threadId,
      procedure,
      args: [Uint8Array.of(0, 255), 'ü'],
    })
    expect((await readAll(client.stream('com.example.worker.count', [3]))).seen).toEqual([1, 2, 3])
    expect(await client.call('com.example.worker.ask', ['com.example.main.double', 21])).toBe(42)
    await client.publish('com.example.news.sport', ['goal'])
    expect(await client.call('com.example.worker.heard')).toEqual([['com.example.news.sport', 'goal']])
  })

  it('is interrupted when its caller has had enough', async () => {
    await using scene = await Scene.open(join)
    const { client } = scene
    const canceling = new AbortController()
    const waiting = client.call(
      'com.example.worker.wait',
      [],
      {},
      {
        signal: canceling.signal,
        cancelMode: 'kill',
        onProgress: () => canceling.abort(),
      },
    )
    expect(await failure(waiting)).toBeInstanceOf(CanceledError)
    expect(await client.call('com.example.worker.heard')).toEqual(['aborted'])
  })

  it.each([
    ['is terminated without a word', ({ thread }: Scene) => thread.worker.terminate()],
    [
      'dies of an error',
      async ({ client, thread }: Scene) => {
        client.call('com.example.worker.crash').catch(() => {})
        expect((await thread.error).message).toBe('a crash')
      },
    ],
  ])('leaves its session at once when its worker %s', async (_, end) => {
    await using scene = await Scene.open(join)
    const { client, sessionId, left } = scene
    const begun = promised()
    const options = { onProgress: () => begun.resolve() }
    const calling = failure(client.call('com.example.worker.wait', [], {}, options))
    await begun.promise
    await end(scene)
    expect(await left).toBe(sessionId)
    expect(await calling).toMatchObject({ uri: ERROR.canceled })
    expect(await client.meta.registration.lookup('com.example.worker.thread')).toBeNull()
  })

  it('lets its worker come to its end when it has stopped', async () => {
    await using scene = await Scene.open(join)
    await scene.client.call('com.example.worker.leave')
    expect(await scene.thread.exited).toBe(0)
    expect(await scene.left).toBe(scene.sessionId)
  })

  it('answers the GOODBYE of a router that closes, which need not wait for it in vain', async () => {
    await using scene = await Scene.open(join)
    expect(scene.router.realms.get('realm1')?.sessions.size).toBe(2)
    await scene.router.close()
    expect(scene.router.realms.get('realm1')?.sessions.size).toBe(0)
  })
})

describe('a client in a worker thread that gets a new MessagePort for each session', () => {
  it('comes back with all that it offers', async () => {
    let current: Router | undefined
    await using scene = await Scene.open((router) => {
      current = router
      return Thread.joiningByPorts(program, () => current as Router)
    })
    const next = new Router({ realms })
    const client = await new Client({ router: next, realm: 'realm1' }).start()
    current = next
    await scene.router.close()
    expect(await scene.thread.joined.first(2)).toEqual([scene.sessionId, expect.any(Number)])
    expect(await client.call('com.example.worker.ask', ['com.example.worker.heard'])).toEqual([])
    await client.stop()
    await scene.thread.worker.terminate()
    await next.close()
  })
})
