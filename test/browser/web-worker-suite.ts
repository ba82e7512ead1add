import { expect, it } from 'vitest'
import { promised } from '../features/waiting.js'
import type { Stage } from './stage.js'

/** A client in a Web Worker. */
export function webWorkerSuite(stage: () => Stage): void {
  it('serves in a Web Worker, whose end is told at once', async () => {
    await using scene = await stage().scene()
    const node = await scene.join()
    const left = promised<unknown>()
    await node.subscribe('wamp.session.on_leave', (sessionId: number) => left.resolve(sessionId))
    const worker = await scene.page.evaluateHandle(async (place) => {
      const thread = new Worker('worker.js', { type: 'module' })
      const joined = new Promise<MessageEvent<number>>((resolve) =>
        thread.addEventListener('message', resolve),
      )
      thread.postMessage(place)
      return { thread, sessionId: (await joined).data }
    }, scene.webSocket)
    expect(await node.call('com.example.page.describe', ['a'], { b: 1 })).toEqual({
      procedure: 'com.example.page.describe',
      kwargs: { b: 1 },
      types: ['String', 'Object'],
      details: 'object',
      isPage: false,
    })
    const sessionId = await worker.evaluate(({ thread, sessionId }) => {
      thread.terminate()
      return sessionId
    })
    expect(await left.promise).toBe(sessionId)
    expect(await node.meta.registration.lookup('com.example.page.echo')).toBeNull()
  })
}
