import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BUN, DENO, HOW_TO_INSTALL, isInstalled, NODE_24 } from './runtimes.js'

const ROOT = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

const PROGRAM = `import { Client } from 'wampkit'
import { Router } from 'wampkit/router'
import { msgpack } from 'wampkit/serializers/msgpack'

const router = await new Router({ realms: [{ name: 'realm1' }] }).listen({ port: 0 })
const callee = await new Client({ router, realm: 'realm1' }).start()
await callee.register('com.example.add', (a, b) => a + b)
for (const url of router.urls.filter((url) => /^(ws|rs):/.test(url))) {
  const client = await new Client({ url, realm: 'realm1', serializers: [msgpack()] }).start()
  console.log(new URL(url).protocol, await client.call('com.example.add', [2, 3]))
  await client.stop()
}
await callee.stop()
await router.close()
`

// `npm test` builds first; by itself this file needs `npm run build`.
const built = existsSync(join(ROOT, 'dist/index.js'))

describe.skipIf(!built && !process.env.CI)('the package, by its doors', () => {
  let project = ''

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'wampkit-'))
    mkdirSync(join(project, 'node_modules'))
    symlinkSync(ROOT, join(project, 'node_modules/wampkit'))
    writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module', private: true }))
    writeFileSync(join(project, 'program.js'), PROGRAM)
  })
  afterAll(() => rmSync(project, { recursive: true, force: true }))

  for (const runtime of [NODE_24, BUN, DENO]) {
    const isThere = isInstalled(runtime)
    const name = isThere ? runtime.name : `${runtime.name}, which is not installed (${HOW_TO_INSTALL})`
    it.skipIf(!isThere)(`dials in ${name} as it does in Node, and ends when all is closed`, async () => {
      const { stdout } = await run(runtime.executable, [...runtime.args, 'program.js'], {
        cwd: project,
        env: { ...process.env, NO_COLOR: '1' },
      })
      expect(stdout.trim().split('\n').sort()).toEqual(['rs: 5', 'ws: 5'])
    })
  }
})
