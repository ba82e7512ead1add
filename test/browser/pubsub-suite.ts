import { describe, expect, it } from 'vitest'
import { firsts, hear, settled } from '../features/waiting.js'
import type { Stage } from './stage.js'

/** Events, in both directions. */
export function pubsubSuite(stage: () => Stage, way: 'webSocket' | 'longPoll'): void {
  describe('events', () => {
    it('reach the page in their order, with their topic', async () => {
      await using scene = await stage().scene()
      const node = await scene.join()
      const service = await scene.service(scene[way])
      for (let i = 0; i < 20; i++) await node.publish('com.example.news.sport', [i], { minute: i })
      await node.call('com.example.page.echo')
      const heard = await service.evaluate((client) => client.heard)
      expect(heard).toEqual(
        Array.from({ length: 20 }, (_, i) => ['com.example.news.sport', i, { minute: i }]),
      )
    })

    it('reach Node in their order, acknowledged if that was asked for', async () => {
      await using scene = await stage().scene()
      const node = await scene.join()
      const heard = await hear(node, 'com.example.clicks')
      const service = await scene.service(scene[way])
      const ids = await service.evaluate(async (client) => {
        for (let i = 0; i < 20; i++) void client.publish('com.example.clicks', [i])
        const unacknowledged = await client.publish('com.example.clicks', [20])
        return [unacknowledged, await client.publish('com.example.clicks', [21], {}, { acknowledge: true })]
      })
      expect(ids).toEqual([undefined, expect.any(Number)])
      await settled(node)
      expect(firsts(heard.values)).toEqual(Array.from({ length: 22 }, (_, i) => i))
    })
  })
}
