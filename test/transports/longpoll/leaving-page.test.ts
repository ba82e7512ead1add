import { afterEach, describe, expect, it, vi } from 'vitest'
import { TransportError } from '../../../src/errors.js'
import { json } from '../../../src/serializers/json/json.js'
import { jsonRelay } from '../../../src/serializers/json/relay.js'
import { dialLongPoll } from '../../../src/transports/longpoll/longpoll.js'
import { Recorder } from '../recorder.js'
import { LongPollRouter } from './lp-router.js'

/** A page, as far as a transport looks at it. */
function page(): EventTarget {
  const page = new EventTarget()
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
  return page
}

async function connected() {
  const router = await LongPollRouter.open({ serializers: [jsonRelay()] })
  const client = await dialLongPoll(router.url, [json()])
  const { transport } = await router.next()
  const [atClient, atRouter] = [new Recorder(), new Recorder()]
  client.start(atClient)
  transport.start(atRouter)
  return { router, client, atClient, atRouter }
}

describe('long-poll in a page that is left', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it('tells the router at once, and is lost to its client, who may dial again', async () => {
    const left = page()
    const { router, atClient, atRouter } = await connected()
    left.dispatchEvent(new Event('pagehide'))
    expect(await atRouter.closing()).toBeUndefined()
    const error = await atClient.closing()
    expect(error).toBeInstanceOf(TransportError)
    expect(error?.message).toBe('the page was left')
    await router.close()
  })

  it('listens no longer when it is closed', async () => {
    const left = page()
    const remove = vi.spyOn(left, 'removeEventListener')
    vi.stubGlobal('removeEventListener', left.removeEventListener.bind(left))
    const { router, client, atClient } = await connected()
    client.close()
    await atClient.closing()
    expect(remove).toHaveBeenCalledWith('pagehide', expect.any(Function))
    await router.close()
  })
})
