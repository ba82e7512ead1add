/** An application of Express with a router in it; it tells its port, and ends at the first message. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { Router } from 'wampkit/router'

const app = express()
app.use(express.text({ type: '*/*' }))
app.get('/page', (_request, response) => void response.send('a page'))
app.post('/page', (request, response) => void response.send(`read ${request.body}`))

const server = createServer(app)
const router = new Router({ realms: [{ name: 'realm1' }] })
router.attach(server, { longPoll: true })

server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.once('message', async () => {
  await router.close()
  server.close(() => process.disconnect())
})
