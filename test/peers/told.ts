import type { Client } from '../../src/index.js'

/** What a client tells its listeners, in order. */
export function told(client: Client): unknown[] {
  const events: unknown[] = []
  client.on('join', ({ realm }) => events.push(['join', realm]))
  client.on('leave', ({ reason, error }) => events.push(['leave', reason, error?.name]))
  client.on('error', (error) => events.push(['error', error]))
  return events
}
