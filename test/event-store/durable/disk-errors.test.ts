import { afterEach, describe, expect, it } from 'vitest'
import { WampError } from '../../../src/errors.js'
import { openEventStore } from '../../../src/event-store/durable/durable-events.js'
import { loadSqlite, type SqliteDatabase } from '../../../src/event-store/durable/sqlite.js'
import type { HistoryOptions } from '../../../src/event-store/event-store.js'
import { TestClock } from '../../transports/test-clock.js'
import { idsOf, payloadOf, restore, storedEvent, TOPIC } from '../events.js'
import { Folders } from './folders.js'

const folders = new Folders()
afterEach(() => folders.remove())

/** A history on a disk that can be filled, and whose errors are written down. */
async function setUp(options: Partial<HistoryOptions> = {}) {
  const folder = folders.make()
  const sqlite = await loadSqlite()
  let database: SqliteDatabase | undefined
  const clock = new TestClock()
  const errors: WampError[] = []
  const store = openEventStore(
    (path) => {
      database = sqlite(path)
      return database
    },
    { folder, clock, onError: (error) => errors.push(error) },
  )
  const archive = store.open('realm1', restore)
  const history = archive.history({ topic: TOPIC, ...options })
  return {
    folder,
    store,
    archive,
    history,
    clock,
    errors,
    execute: (sql: string) => database?.exec(sql),
    fillDisk: () => database?.exec('PRAGMA max_page_count = 1'),
    freeDisk: () => database?.exec('PRAGMA max_page_count = 1000000'),
    /** Appends an event that needs room on the disk. */
    async append(id: number) {
      history.append(storedEvent(id, { payload: payloadOf(10_000) }))
      await undefined
    },
    ids: async () => idsOf(await history.read({})),
    async idsOnDisk() {
      const again = (await folders.reopen(folder)).history({ topic: TOPIC })
      return idsOf(await again.read({}))
    },
  }
}

describe('a durable store on a full disk', () => {
  it('says so once, and goes on in memory', async () => {
    const { folder, append, fillDisk, errors, ids, clock } = await setUp()
    await append(1)
    fillDisk()
    await append(2)
    await append(3)
    clock.pass(10_000)
    await append(4)
    expect(errors.map(({ message }) => message)).toEqual([
      `the event store in ${folder} cannot be written, so that new events are in memory only: database or disk is full`,
    ])
    expect(errors[0]).toBeInstanceOf(WampError)
    expect(await ids()).toEqual([1, 2, 3, 4])
  })

  it('writes what it has as soon as there is room, without being asked', async () => {
    const { append, archive, fillDisk, freeDisk, errors, clock, store, idsOnDisk, folder } = await setUp()
    await append(1)
    fillDisk()
    await append(2)
    archive.retain(TOPIC, [storedEvent(2, { payload: payloadOf(10_000) })])
    await append(3)
    freeDisk()
    clock.pass(1_000)
    expect(errors.length).toBe(1)
    expect(clock.alarms).toBe(0)
    fillDisk()
    await store.close()
    expect(errors.length).toBe(1)
    expect(await idsOnDisk()).toEqual([1, 2, 3])
    const retained = [...(await folders.reopen(folder)).retained()]
    expect(retained.map(([, events]) => idsOf(events))).toEqual([[2]])
  })

  it('says so again when it is full again', async () => {
    const { append, fillDisk, freeDisk, errors, clock, ids, store, idsOnDisk } = await setUp()
    fillDisk()
    await append(1)
    freeDisk()
    clock.pass(1_000)
    await append(2)
    fillDisk()
    await append(3)
    expect(errors.length).toBe(2)
    expect(await ids()).toEqual([1, 2, 3])
    freeDisk()
    await store.close()
    expect(errors.length).toBe(2)
    expect(clock.alarms).toBe(0)
    expect(await idsOnDisk()).toEqual([1, 2, 3])
  })

  it('keeps no more in memory than the history is long', async () => {
    const { append, fillDisk, freeDisk, clock, ids, store, idsOnDisk } = await setUp({ maxEvents: 2 })
    await append(1)
    fillDisk()
    for (const id of [2, 3, 4, 5]) await append(id)
    expect(await ids()).toEqual([4, 5])
    freeDisk()
    clock.pass(1_000)
    await append(6)
    await store.close()
    expect(await idsOnDisk()).toEqual([5, 6])
  })

  it('says what is lost when it is closed', async () => {
    const { folder, append, fillDisk, errors, store, idsOnDisk } = await setUp()
    await append(1)
    fillDisk()
    await append(2)
    await store.close()
    await store.close()
    expect(errors.slice(1).map(({ message }) => message)).toEqual([
      `the event store in ${folder} cannot be written, so that the last events are lost: database or disk is full`,
    ])
    expect(await idsOnDisk()).toEqual([1])
  })
})

describe('a durable store that cannot be read', () => {
  it('tells the asker no particulars, and the operator all', async () => {
    const { folder, append, execute, errors, history } = await setUp()
    await append(1)
    execute('DROP TABLE event')
    expect(() => history.read({})).toThrow(new WampError('the event store cannot be read'))
    expect(errors.map(({ message }) => message)).toEqual([
      `the event store in ${folder} cannot be read: no such table: event`,
    ])
  })

  it('tells so when a history is opened, and retained events are asked for', async () => {
    const { archive, append, execute, errors } = await setUp()
    await append(1)
    execute('DROP TABLE event; DROP TABLE retained')
    expect(() => archive.history({ topic: TOPIC })).toThrow(WampError)
    expect(() => archive.retained()).toThrow(WampError)
    expect(errors.length).toBe(2)
  })

  it('tells so when it is closed', async () => {
    const { append, store, history } = await setUp()
    await append(1)
    await store.close()
    expect(() => history.read({})).toThrow(new WampError('the event store cannot be read'))
  })
})
