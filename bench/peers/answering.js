/** What every measured process does besides its work: it tells where it listens, and what it has used. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How exactly blocks of the event loop are measured, in milliseconds. */
const RESOLUTION = 1

const delays = monitorEventLoopDelay({ resolution: RESOLUTION })

const answers = {
  usage() {
    const { user, system } = process.cpuUsage()
    return { cpu: user + system, rss: process.memoryUsage.rss() }
  },
  /** The same with nothing in the heap that is not needed. */
  leastUsage() {
    globalThis.gc?.()
    globalThis.gc?.()
    return answers.usage()
  },
  watchLoop() {
    delays.enable()
    delays.reset()
    return {}
  },
  /** The longest that the event loop stood still since it is watched, in milliseconds. */
  longestBlock() {
    delays.disable()
    return { milliseconds: delays.count === 0 ? 0 : Math.max(0, delays.max / 1e6 - RESOLUTION) }
  },
}

/**
 * Tells who has started this process that it is ready, and answers questions from then on.
 *
 * @param {object} place where it listens
 * @param {Record<string, (question: any) => unknown>} more questions of its own
 */
export function answering(place, more = {}) {
  const known = { ...answers, ...more }
  process.on('message', async (question) => {
    try {
      process.send?.({ id: question.id, answer: await known[question.ask](question) })
    } catch (error) {
      process.send?.({ id: question.id, error: String(error) })
    }
  })
  // Nobody is left to ask anything. An orderly end, so that a profile is written.
  process.on('disconnect', () => process.exit())
  process.send?.({ id: 0, answer: place })
}
