/**
 * A process that keeps events in the folder of its first argument: 3 and a retained one in each turn, which it announces
 * when an acknowledgement would leave. After so many turns as its second argument says it kills itself as it announces;
 * with none it only has the store open.
 */
import { writeSync } from 'node:fs'
import { durableEvents } from '../../../src/event-store/durable/durable-events.js'
import { restore, storedEvent, TOPIC } from '../events.js'

const [, , folder = '', turns = '0'] = process.argv
const archive = (await durableEvents({ folder })).open('realm1', restore)
const history = archive.history({ topic: TOPIC })

function announce(id: number): void {
  writeSync(1, `${id}\n`)
}

function turn(number: number): void {
  for (const id of [1, 2, 3]) history.append(storedEvent(3 * (number - 1) + id))
  archive.retain(TOPIC, [storedEvent(3 * number)])
  setImmediate(() => {
    announce(3 * number)
    if (number === Number(turns)) process.kill(process.pid, 'SIGKILL')
    else turn(number + 1)
  })
}

announce(0)
if (turns === '0') process.stdin.resume()
else turn(1)
