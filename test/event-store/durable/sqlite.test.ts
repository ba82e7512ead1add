import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors.js'
import { loadSqlite } from '../../../src/event-store/durable/sqlite.js'

const failing = (code: string, message = '') => Promise.reject(Object.assign(new Error(message), { code }))

/** Imports that find these modules and no others. */
function importing(modules: Record<string, () => Promise<unknown>>) {
  const asked: string[] = []
  const load = loadSqlite((name) => {
    asked.push(name)
    return (
      modules[name]?.() ??
      failing(name.startsWith('node:') ? 'ERR_UNKNOWN_BUILTIN_MODULE' : 'ERR_MODULE_NOT_FOUND')
    )
  })
  return { load, asked }
}

/** Tells which file it opened. */
class DatabaseSync {
  constructor(private readonly path: string) {}

  prepare(): string {
    return this.path
  }
}

describe('SQLite', () => {
  it('is that of the package, where it is installed', async () => {
    const { load, asked } = importing({
      '@photostructure/sqlite': async () => ({ DatabaseSync }),
      'node:sqlite': async () => ({}),
    })
    expect((await load)('a').prepare('')).toBe('a')
    expect(asked).toEqual(['@photostructure/sqlite'])
  })

  it('is that of Node, where it has one and the package is missing', async () => {
    const { load } = importing({ 'node:sqlite': async () => ({ DatabaseSync }) })
    expect((await load)('a').prepare('')).toBe('a')
  })

  it('is to be installed, where there is none', async () => {
    await expect(importing({}).load).rejects.toThrow(
      new UsageError(
        'to keep events on disk install @photostructure/sqlite: npm install @photostructure/sqlite',
      ),
    )
  })

  it('is complained about, where it is installed and does not load', async () => {
    const { load } = importing({
      '@photostructure/sqlite': () => failing('ERR_DLOPEN_FAILED', 'wrong ELF class'),
    })
    await expect(load).rejects.toThrow(
      new UsageError(
        'events cannot be kept on disk: @photostructure/sqlite cannot be loaded: wrong ELF class',
      ),
    )
  })
})
