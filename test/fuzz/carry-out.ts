import type { Attack } from './attack.js'
import type { Answers, Attacker } from './attacker.js'
import { LongPollAttacker } from './long-poll-attacker.js'
import { RawSocketAttacker } from './raw-socket-attacker.js'
import { WebSocketAttacker } from './websocket-attacker.js'

const BY_WAY = {
  websocket: WebSocketAttacker,
  rawsocket: RawSocketAttacker,
  longpoll: LongPollAttacker,
} as const

/**
 * Comes to the state of `attack`, sends its inputs, and ends the connection. Resolves when it is gone.
 *
 * @throws Error if the router says what no router may say, or does not let go of the connection.
 */
export async function carryOut(attack: Attack, port: number, answers: Answers): Promise<void> {
  const attacker: Attacker = new BY_WAY[attack.way](port, attack.format, answers)
  try {
    try {
      await attacker.reach(attack.state)
      await attacker.send(attack)
    } catch (error) {
      await attacker.leave('reset').catch(() => {})
      throw error
    }
    await attacker.leave(attack.ending)
  } finally {
    attacker.destroy()
  }
}
