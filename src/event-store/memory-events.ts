import type { EventArchive, EventStore, History, HistoryOptions, StoredEvent } from './event-store.js'
import { HistoryIndex, type IndexedEvent } from './history-index.js'
import { limitsOf } from './history-limits.js'

interface KeptEvent extends IndexedEvent {
  readonly event: StoredEvent
}

/** Keeps events in memory: they are gone when the router is. */
export function memoryEvents(): EventStore {
  return { open: () => new MemoryArchive(), close() {} }
}

class MemoryArchive implements EventArchive {
  history(options: HistoryOptions): History {
    const index = new HistoryIndex<KeptEvent>(limitsOf(options))
    return {
      append(event) {
        const { publicationId, timestamp, topic, size } = event
        index.add({ publicationId, timestamp, topic, size, event }, timestamp)
      },
      read(query) {
        index.trim(Date.now())
        return index.read(query, ({ event }) => event)
      },
    }
  }

  /** The broker has them; here is nothing that would outlive it. */
  retained(): Iterable<readonly [string, readonly StoredEvent[]]> {
    return []
  }

  retain(): void {}
}
