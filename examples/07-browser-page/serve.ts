// A router with two services, and the page that calls them. Open the URL that it prints.
//   npx tsx examples/07-browser-page/serve.ts
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { Client, callee } from 'wampkit'
import { Router } from 'wampkit/router'
import { DateService } from '../01-date-service.js'

class Counter extends Client {
  @callee('com.example.count')
  async *count(to: number) {
    for (let i = 1; i < to; i++) yield i
    return to
  }
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const bundle = await build({ entryPoints: [here('page.ts')], bundle: true, format: 'esm', write: false })
const files: Record<string, [type: string, body: string | Uint8Array]> = {
  '/': ['text/html', readFileSync(here('index.html'))],
  '/page.js': ['text/javascript', bundle.outputFiles[0]?.contents ?? ''],
}

const router = await new Router({ realms: [{ name: 'realm1' }] }).listen({ port: 0 })
await new DateService({ router, realm: 'realm1' }).start()
await new Counter({ router, realm: 'realm1' }).start()

const server = createServer((request, response) => {
  const [type, body] = files[new URL(request.url ?? '/', 'http://localhost').pathname] ?? [
    'text/plain',
    'not here',
  ]
  response.setHeader('content-type', type).end(body)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number }
  console.log(`http://127.0.0.1:${port}/?port=${new URL(router.urls[0] ?? '').port}`)
})
