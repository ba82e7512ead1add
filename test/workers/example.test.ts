import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const isBuilt = existsSync(resolve(ROOT, 'dist/transports/message-port/message-port.js'))

// `npm test` builds first; by itself this file needs `npm run build`: threads start without a loader for TypeScript.
describe.skipIf(!isBuilt && !process.env.CI)('example 09: a service in a worker thread', () => {
  it('computes while everybody else goes on, and is gone with its thread', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['examples/09-worker/main.js'], {
      cwd: ROOT,
    })
    expect(stdout.trimEnd().split('\n')).toEqual([
      'the worker serves',
      '348513 primes, and nobody had to wait',
      'wamp.error.canceled',
    ])
  })
})
