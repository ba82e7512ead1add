/** An application of Fastify with a router in it; it tells its port, and ends at the first message. */
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { Router } from 'wampkit/router'

const app = Fastify()
app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
app.get('/page', async () => 'a page')
app.post('/page', async (request) => `read ${request.body}`)

await app.listen({ port: 0, host: '127.0.0.1' })
const router = new Router({ realms: [{ name: 'realm1' }] })
router.attach(app.server, { longPoll: true })

process.send?.((app.server.address() as AddressInfo).port)
process.once('message', async () => {
  await router.close()
  await app.close()
  process.disconnect()
})
