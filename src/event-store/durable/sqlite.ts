import { UsageError } from '../../errors.js'

/** What a column holds. */
export type SqliteValue = null | number | string | Uint8Array

export type SqliteRow = Readonly<Record<string, SqliteValue>>

export interface SqliteStatement {
  run(...values: SqliteValue[]): unknown
  get(...values: SqliteValue[]): SqliteRow | undefined
  all(...values: SqliteValue[]): SqliteRow[]
}

/** What we need of a database; the class `DatabaseSync` of Node has it. */
export interface SqliteDatabase {
  exec(sql: string): void
  prepare(sql: string): SqliteStatement
  close(): void
}

/** Opens the database in this file, which is made if there is none. */
export type OpenSqlite = (path: string) => SqliteDatabase

const PACKAGE = '@photostructure/sqlite'

/**
 * Where SQLite comes from, in the order of preference: the package, or, from 22.13 on, Node itself, whose class the
 * package copies. Who has installed the package wants it: versions of Node warn that theirs is experimental.
 */
const SOURCES = [PACKAGE, 'node:sqlite']

const MISSING: readonly unknown[] = ['ERR_MODULE_NOT_FOUND', 'ERR_UNKNOWN_BUILTIN_MODULE']

/**
 * Finds SQLite.
 *
 * @throws UsageError naming the package to install, or saying why what is installed cannot be loaded.
 */
export async function loadSqlite(
  importModule: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<OpenSqlite> {
  for (const source of SOURCES) {
    try {
      const { DatabaseSync } = (await importModule(source)) as {
        DatabaseSync: new (path: string) => SqliteDatabase
      }
      return (path) => closable(new DatabaseSync(path))
    } catch (error) {
      const { code, message } = error as { code?: unknown; message?: unknown }
      if (!MISSING.includes(code))
        throw new UsageError(`events cannot be kept on disk: ${source} cannot be loaded: ${message}`)
    }
  }
  throw new UsageError(`to keep events on disk install ${PACKAGE}: npm install ${PACKAGE}`)
}

/**
 * The database with a `close` that gives its lock back. That of the package, in versions for Node 20, leaves the file
 * open until the last statement is collected.
 */
function closable(database: SqliteDatabase): SqliteDatabase {
  return {
    exec: (sql) => database.exec(sql),
    prepare: (sql) => database.prepare(sql),
    close() {
      // The lock goes with the first access that needs none.
      for (const sql of ['ROLLBACK', 'PRAGMA locking_mode = NORMAL', 'SELECT 1 FROM sqlite_schema'])
        attempt(() => database.exec(sql))
      database.close()
    },
  }
}

/** Does something that may fail, and need not succeed. */
export function attempt(action: () => void): void {
  try {
    action()
  } catch {
    // That is all right.
  }
}

/** The results of SQLite that have a meaning of their own here. */
export const RESULT = { busy: 5, damaged: 11, cannotOpen: 14, notADatabase: 26 } as const

/** Which result of SQLite, without its refinements, an error stands for; undefined if for none. */
export function resultOf(error: unknown): number | undefined {
  const { errcode } = error as { errcode?: unknown }
  return typeof errcode === 'number' ? errcode & 0xff : undefined
}
