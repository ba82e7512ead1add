/** Folders for stores, and the stores in them. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DurableEventsOptions, durableEvents } from '../../../src/event-store/durable/durable-events.js'
import type { EventArchive, EventStore } from '../../../src/event-store/event-store.js'
import { restore } from '../events.js'

/** In memory where the system has such a place: what is tested does not depend on how long a disk takes. */
const PLACE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** Makes folders, and removes them when it is told to, with the stores that were opened in them. */
export class Folders {
  readonly #made: string[] = []
  readonly #opened: EventStore[] = []

  make(): string {
    const folder = mkdtempSync(join(PLACE, 'wampkit-events-'))
    this.#made.push(folder)
    return folder
  }

  async open(folder: string, options: Omit<DurableEventsOptions, 'folder'> = {}): Promise<EventStore> {
    const store = await durableEvents({ folder, ...options })
    this.#opened.push(store)
    return store
  }

  /** The realm1 of the store in a folder, which is closed first if it is open. */
  async reopen(folder: string): Promise<EventArchive> {
    await this.close()
    return (await this.open(folder)).open('realm1', restore)
  }

  async close(): Promise<void> {
    for (const store of this.#opened.splice(0)) await store.close()
  }

  async remove(): Promise<void> {
    await this.close()
    for (const folder of this.#made.splice(0)) rmSync(folder, { recursive: true, force: true })
  }
}
