/** What a measured client is asked to do. What it does with its library, `session` says. */
import { answering } from '../peers/answering.js'

/**
 * @param {{
 *   call(procedure: string, payload: string): Promise<unknown>,
 *   register(procedure: string): Promise<unknown>,
 *   subscribe(topic: string, onEvent: () => void): Promise<unknown>,
 * }} session joined
 */
export function measured(session) {
  const payload = 'x'.repeat(16)
  let seen = 0
  let wanted = Number.POSITIVE_INFINITY
  let onSeen

  answering(
    {},
    {
      /** Keeps so many calls in flight for so long, and then waits for the last of them. */
      async call({ procedure, inFlight, milliseconds }) {
        const began = performance.now()
        const end = began + milliseconds
        let messages = 0
        const caller = async () => {
          do {
            await session.call(procedure, payload)
            messages++
          } while (performance.now() < end)
        }
        await Promise.all(Array.from({ length: inFlight }, caller))
        return { messages, milliseconds: performance.now() - began }
      },
      /** Offers a procedure that gives back what it gets. */
      async register({ procedure }) {
        await session.register(procedure)
        return {}
      },
      async subscribe({ topic }) {
        await session.subscribe(topic, () => {
          if (++seen === wanted) onSeen()
        })
        return {}
      },
      /** Answers when so many more events have come than when it was asked last. */
      async seen({ count }) {
        if (seen < count) {
          await new Promise((resolve) => {
            wanted = count
            onSeen = resolve
          })
        }
        seen -= count
        wanted = Number.POSITIVE_INFINITY
        return {}
      },
    },
  )
}
