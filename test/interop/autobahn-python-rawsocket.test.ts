import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { checkCarriage } from './checks.js'
import type { Library } from './peer.js'
import { AutobahnPython, pythonSerializers } from './peers/autobahn-python.js'
import { REALM, testRouter, urlOf } from './router.js'

const spoken = pythonSerializers()

if (spoken.length > 0) {
  const python = new AutobahnPython(spoken)
  const router = testRouter()
  const folder = mkdtempSync(join(tmpdir(), 'wampkit-python-'))
  afterAll(() => {
    python[Symbol.dispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Joins the router of a URL for WebSockets by another one. */
  const by = (urlFor: (url: string) => string): Library => ({
    name: python.name,
    serializers: python.serializers,
    binaryInJson: python.binaryInJson,
    join: ({ url, ...options }) => python.join({ ...options, url: urlFor(url) }),
  })

  describe('by RawSocket over TCP', () => {
    const library = by((url) => url.replace(/^ws:/, 'rs:'))
    for (const serializer of spoken) checkCarriage(router, { library, serializer })

    it('Python autobahn joins with what it offers by default', async () => {
      const peer = await python.join({ url: urlOf(router).replace(/^ws:/, 'rs:'), realm: REALM })
      await peer.leave()
    })
  })

  describe('by RawSocket over a Unix socket', () => {
    const sockets = new Map<string, string>()
    beforeAll(async () => {
      const url = urlOf(router)
      await router.listen({ unix: join(folder, 'router.sock') })
      sockets.set(url, router.urls.find((one) => one.startsWith('unix+rs:')) ?? '')
    })
    const library = by((url) => sockets.get(url) ?? url)
    const serializer = spoken.at(-1)
    if (serializer !== undefined) checkCarriage(router, { library, serializer })
  })
}
