import type { Stage } from './stage.js'

/** Something that two peers do, whatever carries their messages. Knows no test runner, and runs in every runtime. */
export interface Case {
  readonly name: string
  /** What it takes of a transport: a limit of the length of messages, or a stricter one for who has not logged in. */
  readonly needs?: 'limit' | 'stricter limit'
  readonly play: (stage: Stage) => Promise<void>
}
