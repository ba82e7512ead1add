import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from '../../errors.js'
import { EVENT_COLUMNS } from './event-columns.js'
import { type OpenSqlite, RESULT, resultOf, type SqliteDatabase } from './sqlite.js'
import { StoreTables } from './store-tables.js'

const FILE = 'events.sqlite'

/** Stands in the head of the file, and says whose it is: `wamp`. */
const APPLICATION = 0x77616d70

/** The layout of the tables; to be raised when it changes. */
const LAYOUT = 1

const COLUMNS = Object.entries(EVENT_COLUMNS)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ')

/** Realms and topics are JSON, as in the columns of events. */
const TABLES = `
  CREATE TABLE history (
    id INTEGER PRIMARY KEY, realm TEXT NOT NULL, policy TEXT NOT NULL, topic TEXT NOT NULL,
    UNIQUE (realm, policy, topic)
  ) STRICT;
  CREATE TABLE event (number INTEGER PRIMARY KEY, history INTEGER NOT NULL, ${COLUMNS}) STRICT;
  CREATE INDEX event_of_history ON event (history);
  CREATE TABLE retained (number INTEGER PRIMARY KEY, realm TEXT NOT NULL, ${COLUMNS}) STRICT;
  CREATE INDEX retained_of_topic ON retained (realm, topic);
  PRAGMA application_id = ${APPLICATION};
  PRAGMA user_version = ${LAYOUT};
`

/**
 * Opens the store in a folder, which is made if there is none. As long as it is open nobody else can have it: the lock
 * is the operating system's, which takes it from a process that dies.
 *
 * @throws UsageError saying what is wrong with the folder, and what to do.
 */
export function openStoreFile(open: OpenSqlite, folder: string): StoreTables {
  makeFolder(folder)
  let database: SqliteDatabase | undefined
  try {
    database = open(join(folder, FILE))
    // Whoever has the lock once has it until the end. Of two that begin at once, one waits for the other to give up.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 100; BEGIN EXCLUSIVE')
    database.exec(`${expectOurs(database, folder) ? TABLES : ''} COMMIT`)
    // What is committed is in the hands of the operating system then; it goes to the disk itself in larger portions.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    return new StoreTables(database)
  } catch (error) {
    database?.close()
    throw error instanceof UsageError ? error : new UsageError(refusal(folder, error))
  }
}

function makeFolder(folder: string): void {
  if (typeof folder !== 'string' || folder === '')
    throw new UsageError("durableEvents needs a folder: durableEvents({ folder: './events' })")
  try {
    // What was published need not be for everybody on this machine.
    for (const missing of missingFolders(resolve(folder))) mkdirSync(missing, { mode: 0o700 })
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error('it is a file'), { code: 'ENOTDIR' })
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown }
    const isFile = code === 'EEXIST' || code === 'ENOTDIR'
    throw new UsageError(
      isFile
        ? `events cannot be kept in ${folder}: there is a file where the folder should be; name another one`
        : `events cannot be kept in ${folder}: the folder cannot be made: ${message}`,
    )
  }
}

/** The folders that have to be made, the outer one first. (Node's own way runs for ever in file systems like /proc.) */
function missingFolders(folder: string): string[] {
  const missing: string[] = []
  for (let path = folder; !existsSync(path) && path !== dirname(path); path = dirname(path))
    missing.unshift(path)
  return missing
}

/** Is the database empty? @throws UsageError if it is of somebody else, or of a later version. */
function expectOurs(database: SqliteDatabase, folder: string): boolean {
  const numberOf = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0])
  const application = numberOf('PRAGMA application_id')
  if (application === APPLICATION) {
    if (numberOf('PRAGMA user_version') > LAYOUT)
      throw new UsageError(
        `the event store in ${folder} was written by a newer version; update wampkit, or name another folder`,
      )
    return false
  }
  if (application !== 0 || numberOf('SELECT count(*) FROM sqlite_schema') > 0) throw notOurs(folder)
  return true
}

function notOurs(folder: string): UsageError {
  return new UsageError(
    `events cannot be kept in ${folder}: its ${FILE} is not an event store; name another folder`,
  )
}

function refusal(folder: string, error: unknown): string {
  switch (resultOf(error)) {
    case RESULT.busy:
      return `the event store in ${folder} is in use by another router; stop that one, or name another folder`
    case RESULT.notADatabase:
      return notOurs(folder).message
    case RESULT.damaged:
      return `the event store in ${folder} is damaged; put a copy in its place, or name another folder`
    case RESULT.cannotOpen:
      return `the event store in ${folder} cannot be opened; this user must be allowed to write in the folder`
    default:
      return `the event store in ${folder} cannot be opened: ${(error as Error).message}`
  }
}
