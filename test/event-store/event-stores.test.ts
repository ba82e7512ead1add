import { afterEach } from 'vitest'
import { openEventStore } from '../../src/event-store/durable/durable-events.js'
import { loadSqlite } from '../../src/event-store/durable/sqlite.js'
import { memoryEvents } from '../../src/event-store/memory-events.js'
import { Folders } from './durable/folders.js'
import { eventStoreSuite } from './store-suite.js'

const folders = new Folders()
afterEach(() => folders.remove())

eventStoreSuite('events in memory', async () => memoryEvents())

/** Node has SQLite itself from 22.13 on. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const isBuiltIn = major > 22 || (major === 22 && minor >= 13)

for (const source of ['@photostructure/sqlite', ...(isBuiltIn ? ['node:sqlite'] : [])])
  eventStoreSuite(`events on disk with ${source}`, async () => {
    const open = await loadSqlite(() => import(source))
    return openEventStore(open, { folder: folders.make() })
  })
