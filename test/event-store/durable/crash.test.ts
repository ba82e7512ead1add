import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors.js'
import { idsOf, TOPIC } from '../events.js'
import { Folders } from './folders.js'

const PROCESS = join(import.meta.dirname, 'announcing-process.ts')

const folders = new Folders()
const processes: ChildProcess[] = []

afterEach(async () => {
  for (const child of processes.splice(0)) child.kill('SIGKILL')
  await folders.remove()
})

function start(folder: string, turns: number) {
  const child = spawn(process.execPath, ['--import', 'tsx', PROCESS, folder, String(turns)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  processes.push(child)
  return child
}

describe('a durable store, when its process is killed', () => {
  it('has all that was announced, in order', async () => {
    const folder = folders.make()
    const child = start(folder, 40)
    const [announced, [, signal]] = await Promise.all([text(child.stdout), once(child, 'exit')])
    expect(signal).toBe('SIGKILL')
    expect(announced.trim().split('\n').at(-1)).toBe('120')
    const archive = await folders.reopen(folder)
    const ids = idsOf(await archive.history({ topic: TOPIC }).read({}))
    expect(ids).toEqual(Array.from({ length: 120 }, (_, i) => i + 1))
    expect([...archive.retained()].map(([topic, events]) => [topic, idsOf(events)])).toEqual([[TOPIC, [120]]])
  })

  it('can be opened by the next one, and by nobody before', async () => {
    const folder = folders.make()
    const child = start(folder, 0)
    await once(child.stdout, 'data')
    await expect(folders.open(folder)).rejects.toThrow(
      new UsageError(
        `the event store in ${folder} is in use by another router; stop that one, or name another folder`,
      ),
    )
    child.kill('SIGKILL')
    await once(child, 'exit')
    await folders.open(folder)
  })
})
