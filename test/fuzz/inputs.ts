import fc from 'fast-check'
import type { Attack } from './attack.js'
import { longPollAttack } from './long-poll-inputs.js'
import { rawSocketAttack } from './raw-socket-inputs.js'
import { webSocketAttack } from './websocket-inputs.js'

/** Any attack, by any way. */
export const attack: fc.Arbitrary<Attack> = fc.oneof(
  { arbitrary: webSocketAttack, weight: 2 },
  { arbitrary: rawSocketAttack, weight: 1 },
  { arbitrary: longPollAttack, weight: 1 },
)
