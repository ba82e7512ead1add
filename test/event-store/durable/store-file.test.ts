import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors.js'
import { durableEvents } from '../../../src/event-store/durable/durable-events.js'
import { loadSqlite } from '../../../src/event-store/durable/sqlite.js'
import { idsOf, restore, storedEvent, TOPIC } from '../events.js'
import { Folders } from './folders.js'

const folders = new Folders()
afterEach(() => folders.remove())

/** The sentence with which a folder is refused. */
async function refusalOf(folder: string): Promise<string> {
  const error: unknown = await durableEvents({ folder }).then(
    () => undefined,
    (thrown) => thrown,
  )
  expect(error).toBeInstanceOf(UsageError)
  expect((error as Error).cause).toBeUndefined()
  return (error as Error).message
}

/** Does this to the file of a store, which is made if it is not there. */
async function change(folder: string, ...statements: string[]): Promise<void> {
  const database = (await loadSqlite())(join(folder, 'events.sqlite'))
  for (const sql of statements) database.exec(sql)
  database.close()
}

describe('the folder of a durable store', () => {
  it('is made, for its owner alone', async () => {
    const folder = join(folders.make(), 'var', 'events')
    await folders.open(folder)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it('holds one file when the store is closed', async () => {
    const folder = folders.make()
    const archive = await folders.reopen(folder)
    archive.history({ topic: TOPIC }).append(storedEvent(1))
    await folders.close()
    expect(readdirSync(folder)).toEqual(['events.sqlite'])
  })

  it('is free again when the store is closed, and can be had at once', async () => {
    const folder = folders.make()
    for (const _ of [1, 2, 3]) await folders.reopen(folder)
  })

  it('is not given to two at once', async () => {
    const folder = folders.make()
    const archive = await folders.reopen(folder)
    const history = archive.history({ topic: TOPIC })
    history.append(storedEvent(1))
    expect(await refusalOf(folder)).toBe(
      `the event store in ${folder} is in use by another router; stop that one, or name another folder`,
    )
    // The first one goes on.
    history.append(storedEvent(2))
    await undefined
    expect(idsOf(await history.read({}))).toEqual([1, 2])
  })

  it.each([undefined, '', 5])('has to be named: not %j', async (folder) => {
    expect(await refusalOf(folder as string)).toBe(
      "durableEvents needs a folder: durableEvents({ folder: './events' })",
    )
  })

  it('is not a file, nor in one', async () => {
    const file = join(folders.make(), 'file')
    writeFileSync(file, 'mine')
    for (const folder of [file, join(file, 'events')])
      expect(await refusalOf(folder)).toBe(
        `events cannot be kept in ${folder}: there is a file where the folder should be; name another one`,
      )
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })

  it('is not where folders cannot be made', async () => {
    const folder = '/proc/wampkit'
    expect(await refusalOf(folder)).toMatch(
      /^events cannot be kept in \/proc\/wampkit: the folder cannot be made: E/,
    )
  })

  it('is one in which a file can be made', async () => {
    const folder = folders.make()
    mkdirSync(join(folder, 'events.sqlite'))
    expect(await refusalOf(folder)).toBe(
      `the event store in ${folder} cannot be opened; this user must be allowed to write in the folder`,
    )
  })

  it.each([
    ['a file of another kind', 'SQLite it is not, and long enough to be read as one. '.repeat(40)],
    ['a short file', 'hello'],
  ])('keeps what is not an event store: %s', async (_, content) => {
    const folder = folders.make()
    writeFileSync(join(folder, 'events.sqlite'), content)
    expect(await refusalOf(folder)).toBe(
      `events cannot be kept in ${folder}: its events.sqlite is not an event store; name another folder`,
    )
    expect(readFileSync(join(folder, 'events.sqlite'), 'utf8')).toBe(content)
  })

  it.each([
    ['with tables', 'CREATE TABLE event (mine)'],
    ['of another application', 'PRAGMA application_id = 5; CREATE TABLE a (b)'],
  ])('keeps a database of somebody else, %s', async (_, sql) => {
    const folder = folders.make()
    await change(folder, sql)
    const before = readFileSync(join(folder, 'events.sqlite'))
    expect(await refusalOf(folder)).toMatch(/its events.sqlite is not an event store; name another folder$/)
    expect(readFileSync(join(folder, 'events.sqlite'))).toEqual(before)
  })

  it('is left to the version that wrote it', async () => {
    const folder = folders.make()
    await folders.open(folder)
    await folders.close()
    await change(folder, 'PRAGMA user_version = 2')
    expect(await refusalOf(folder)).toBe(
      `the event store in ${folder} was written by a newer version; update wampkit, or name another folder`,
    )
  })

  it('is not used where the store is damaged', async () => {
    const folder = folders.make()
    await folders.open(folder)
    await folders.close()
    const file = join(folder, 'events.sqlite')
    const octets = readFileSync(file)
    octets.fill(0xff, 100, 4096)
    writeFileSync(file, octets)
    expect(await refusalOf(folder)).toBe(
      `the event store in ${folder} is damaged; put a copy in its place, or name another folder`,
    )
  })

  it('is used where a store was begun and nothing was written', async () => {
    const folder = folders.make()
    writeFileSync(join(folder, 'events.sqlite'), '')
    await folders.open(folder)
    expect(existsSync(folder)).toBe(true)
  })

  it('has other files left alone', async () => {
    const folder = folders.make()
    writeFileSync(join(folder, 'notes.txt'), 'mine')
    await folders.open(folder)
    await folders.close()
    expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine')
  })
})

describe('a durable store', () => {
  it('serves one router', async () => {
    const store = await folders.open(folders.make())
    store.open('realm1', restore)
    expect(() => store.open('realm1', restore)).toThrow(
      new UsageError('the events of realm realm1 are kept already; each router needs a store of its own'),
    )
  })

  it('opens nothing once it is closed', async () => {
    const folder = folders.make()
    const store = await folders.open(folder)
    await store.close()
    expect(() => store.open('realm1', restore)).toThrow(
      new UsageError(`the event store in ${folder} is closed; open it again`),
    )
  })
})
