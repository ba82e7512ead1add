import { expect, it } from 'vitest'
import { chaos } from './chaos.js'

const SEED = 20_262

// `npm run chaos` does the same for longer.
it('whatever happens to connections: nothing is done twice, nothing is told wrong, and everybody comes back', async () => {
  const { whims, outcomes } = await chaos({ seed: SEED, steps: 400 })
  for (const whim of ['hold', 'crumble', 'truncate', 'cut', 'reset', 'half-close', 'mute', 'ghost'] as const)
    expect(whims.get(whim), whim).toBeGreaterThan(0)
  for (const outcome of ['answered', 'acknowledged', 'TransportError, outcome unknown'])
    expect(outcomes.get(outcome), outcome).toBeGreaterThan(0)
}, 60_000)
