/** Long-poll does what every transport does, in each of its six protocols. */
import { dialLongPoll } from '../../../src/transports/longpoll/longpoll.js'
import { formats } from '../formats.js'
import { transportSuite } from '../transport-suite.js'
import { LongPollRouter } from './lp-router.js'

for (const format of formats)
  for (const isBatched of [true, false]) {
    const protocol = `wamp.2.${format.name}${isBatched ? '.batched' : ''}`
    const connect = async () => {
      const router = await LongPollRouter.open({ serializers: [format.router()] })
      const client = await dialLongPoll(router.url, [format.client()], { fetch: onlyWith(protocol) })
      const opened = await router.next()
      return { client, router: opened.transport, release: () => router.close() }
    }
    // Without batches each message takes a request.
    transportSuite(`long-poll with ${protocol}`, connect, isBatched ? undefined : 200)
  }

/** Makes requests, and offers one protocol only. */
function onlyWith(protocol: string): typeof fetch {
  return (url, init) =>
    String(url).endsWith('/open')
      ? fetch(url, { ...init, body: JSON.stringify({ protocols: [protocol] }) })
      : fetch(url, init)
}
