/**
 * Loaded into a measured process before its program: profiles it from when it is asked for the first time what it has used, which
 * is after it has warmed up, until it ends. What it is imported as says where the profile goes: `…?folder=/tmp/x&interval=200`,
 * in microseconds.
 */
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { join } from 'node:path'

const { searchParams } = new URL(import.meta.url)
const session = new Session()
let isRunning = false

session.connect()
session.post('Profiler.enable')
session.post('Profiler.setSamplingInterval', { interval: Number(searchParams.get('interval')) })

process.on('message', ({ ask }) => {
  if (isRunning || (ask !== 'usage' && ask !== 'leastUsage')) return
  isRunning = true
  session.post('Profiler.start')
})

process.on('exit', () => {
  if (!isRunning) return
  // Within one thread the answer comes at once.
  session.post('Profiler.stop', (error, { profile } = {}) => {
    if (error) throw error
    // Process ids grow, as long as they do: the order of the rows.
    const name = `${String(process.pid).padStart(8, '0')}.cpuprofile`
    writeFileSync(join(searchParams.get('folder'), name), JSON.stringify(profile))
  })
})
