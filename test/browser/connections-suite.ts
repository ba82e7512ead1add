import { describe, expect, it } from 'vitest'
import { promised } from '../features/waiting.js'
import { FreezingProxy } from './freezing-proxy.js'
import type { Stage } from './stage.js'

/** How connections of a page end, and come back. */
export function connectionsSuite(stage: () => Stage): void {
  describe.each(['webSocket', 'longPoll'] as const)('over %s', (way) => {
    it('serves again, without a word of its user, after the router was restarted on the same port', async () => {
      await using scene = await stage().scene()
      const service = await scene.page.evaluateHandle(async (place) => {
        const options = { ...wampkit.at(place), reconnect: { initialDelay: 20 } }
        const client = await new wampkit.PageService(options).start()
        await client.register('com.example.page.late', () => 'registered')
        return client
      }, scene[way])
      const restart = await scene.closeRouter()
      await restart()
      await service.evaluate(({ joinedAgain }) => joinedAgain)
      const node = await scene.join()
      expect(await node.call('com.example.page.late')).toBe('registered')
      await node.publish('com.example.news.sport', ['goal'])
      expect(await node.call('com.example.page.echo', [1])).toBe(1)
      const { states, heard } = await service.evaluate(({ states, heard }) => ({ states, heard }))
      expect(heard).toEqual([['com.example.news.sport', 'goal']])
      expect(states.slice(0, 3)).toEqual(['connecting', 'joined', 'waiting'])
      expect(states.slice(-2)).toEqual(['connecting', 'joined'])
    })

    it('leaves its session at once when its page is closed', async () => {
      await using scene = await stage().scene()
      const node = await scene.join()
      const page = await stage().page()
      await scene.service(scene[way], page)
      const left = promised()
      await node.subscribe('wamp.session.on_leave', () => left.resolve())
      await page.close({ runBeforeUnload: true })
      await left.promise
      expect(await node.meta.registration.lookup('com.example.page.echo')).toBeNull()
    })

    it('of another origin than the router allows is told what can be told', async () => {
      await using scene = await stage().scene({ listen: { origins: ['http://127.0.0.1:1'] } })
      const error = await scene.page.evaluate(
        (place) =>
          new wampkit.PageService(wampkit.at(place)).start().then(
            () => 'it was let in',
            (error) => [error instanceof wampkit.TransportError, error.message],
          ),
        scene[way],
      )
      expect(error).toEqual([
        true,
        expect.stringMatching(/cannot reach .*127\.0\.0\.1.*not to pages of this origin/),
      ])
      expect(scene.router.counters.refusedByOrigin).toBe(1)
    })
  })

  it('finds by its heartbeat that a link is dead, and comes back over another one', async () => {
    await using scene = await stage().scene()
    await using proxy = await FreezingProxy.before(scene.port)
    const node = await scene.join()
    const service = await scene.page.evaluateHandle(async (url) => {
      const connection = { heartbeat: 200 }
      const options = { ...wampkit.at({ url }), connection, reconnect: { initialDelay: 20 } }
      return new wampkit.PageService(options).start()
    }, `ws://127.0.0.1:${proxy.port}`)
    proxy.freeze()
    await service.evaluate(({ joinedAgain }) => joinedAgain)
    expect(await service.evaluate(({ losses }) => losses)).toEqual([
      expect.stringContaining('did not answer within 200 ms'),
    ])
    // The dead session has given up its place: there is one that answers.
    expect(await node.call('com.example.page.echo', ['alive'])).toBe('alive')
    expect(scene.realm.sessions.size).toBe(2)
  })

  describe('that waits for its next attempt waits no longer', () => {
    async function waiting() {
      const scene = await stage().scene()
      const service = await scene.page.evaluateHandle((place) => {
        const reconnect = { initialDelay: 600_000, maxDelay: 600_000, jitter: 0 }
        return new wampkit.PageService({ ...wampkit.at(place), reconnect }).start()
      }, scene.webSocket)
      const restart = await scene.closeRouter()
      await restart()
      await service.evaluate(async (client) => {
        while (client.state !== 'waiting') await client.once('state')
      })
      const states = async () => {
        await service.evaluate(({ joinedAgain }) => joinedAgain)
        return service.evaluate(({ states }) => states)
      }
      return { scene, states }
    }

    it('when the network is back', async () => {
      const { scene, states } = await waiting()
      await using _ = scene
      await stage().setOffline(true)
      await stage().setOffline(false)
      expect(await states()).toEqual(['connecting', 'joined', 'waiting', 'connecting', 'joined'])
    })

    it('when its page is looked at again', async () => {
      const { scene, states } = await waiting()
      await using _ = scene
      await scene.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
      expect(await states()).toEqual(['connecting', 'joined', 'waiting', 'connecting', 'joined'])
    })
  })

  it('shares a router with another tab over long-poll', async () => {
    await using scene = await stage().scene()
    const other = await stage().page()
    scene.has(other, () => void other.close())
    const [here, there] = await Promise.all([
      scene.service(scene.longPoll),
      other.evaluateHandle((place) => new wampkit.Client(wampkit.at(place)).start(), scene.longPoll),
    ])
    const answer = await there.evaluate(async (client) => {
      await client.publish('com.example.news.tabs', ['hello'])
      return client.call('com.example.page.echo', ['between tabs'])
    })
    expect(answer).toBe('between tabs')
    expect(await here.evaluate(({ heard }) => heard)).toEqual([['com.example.news.tabs', 'hello']])
    await there.evaluate((client) => client.stop())
  })
}
