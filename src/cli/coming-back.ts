import type { Client } from '../peers/client/client.js'
import { explain, Failure, say } from './failure.js'
import type { Terminal } from './terminal.js'

/** Tells when a client has lost its session, and when it is back. Rejects, with a Failure, once it gives up. */
export function untilGivenUp(client: Client, who: string, terminal: Terminal): Promise<never> {
  let isLost = false
  const givenUp = new Promise<never>((_, reject) => {
    client.on('state', ({ state, error }) => {
      if (state === 'waiting' && !isLost) {
        isLost = true
        say(terminal, `${who} lost its session: ${explain(error)}; trying again`)
      } else if (state === 'joined' && isLost) {
        isLost = false
        say(terminal, `${who} is back`)
      } else if (state === 'stopped' && error !== undefined)
        reject(new Failure(`${who} lost its session: ${explain(error)}`))
    })
  })
  givenUp.catch(() => {})
  return givenUp
}
