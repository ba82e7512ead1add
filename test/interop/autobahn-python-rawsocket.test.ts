import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { checkLibrary, checkTogether } from './checks.js'
import type { Library } from './peer.js'
import { autobahnJs } from './peers/autobahn-js.js'
import { AutobahnPython, pythonSerializers } from './peers/autobahn-python.js'
import { REALM, testRouter, timedRouter, urlOf } from './router.js'

const spoken = pythonSerializers()

if (spoken.length > 0) {
  const python = new AutobahnPython(spoken)
  const router = testRouter()
  const timed = timedRouter()
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
    for (const serializer of spoken) checkLibrary(router, timed, { library, serializer })
    for (const [i, serializer] of spoken.entries())
      checkTogether(
        router,
        { library, serializer },
        { library: autobahnJs, serializer: spoken.at(i - 1) ?? serializer },
      )

    it('Python autobahn joins with what it offers by default', async () => {
      const peer = await python.join({ url: urlOf(router).replace(/^ws:/, 'rs:'), realm: REALM })
      await peer.leave()
    })
  })

  describe('by RawSocket over a Unix socket', () => {
    const sockets = new Map<string, string>()
    beforeAll(async () => {
      for (const [name, each] of Object.entries({ router, timed: timed.router })) {
        const url = urlOf(each)
        await each.listen({ unix: join(folder, `${name}.sock`) })
        sockets.set(url, each.urls.find((one) => one.startsWith('unix+rs:')) ?? '')
      }
    })
    const library = by((url) => sockets.get(url) ?? url)
    const serializer = spoken.at(-1)
    if (serializer !== undefined) checkLibrary(router, timed, { library, serializer })
  })
}
