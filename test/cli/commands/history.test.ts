import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CliProcess } from '../cli-process.js'
import { started, wampkit } from '../test-terminal.js'

const TOPIC = 'com.example.log.web'
const KEPT = ['--history', 'com.example.log:prefix', '--history', 'com.example.chat']

async function router(...args: string[]) {
  const { terminal, ended } = started(['router', '--port', '0', ...args])
  const url = /ws:\S+/.exec(await terminal.line(/wampkit router on /))?.[0] as string
  const run = (...command: string[]) => wampkit([...command, '--url', url])
  return {
    terminal,
    run,
    async [Symbol.asyncDispose]() {
      terminal.interrupt()
      await ended
    },
  }
}

describe('wampkit router --history, wampkit history', () => {
  it('keeps the events of a topic or pattern, and prints them, oldest first', async () => {
    await using kept = await router(...KEPT)
    expect(kept.terminal.printed.join('\n')).toMatch(
      /keeps +com.example.log \(prefix\)\n +com.example.chat \(exact\)\n/,
    )
    for (const n of ['1', '2', '3']) await kept.run('publish', TOPIC, n, '--kw', 'by=ada')
    const { code, printed, told } = await kept.run('history', 'com.example.log:prefix')
    expect({ code, told }).toEqual({ code: 0, told: [] })
    expect(printed.map((line) => line.replace(/^\S+Z /, ''))).toEqual(
      [1, 2, 3].map((n) => `${TOPIC} ${n} by="ada"`),
    )
    const newest = await kept.run('history', 'com.example.log:prefix', '--reverse', '--limit', '1', '--json')
    expect(JSON.parse(newest.printed[0] ?? '')).toEqual({
      timestamp: expect.stringMatching(/Z$/),
      topic: TOPIC,
      args: [3],
      kwargs: { by: 'ada' },
      publication: expect.any(Number),
      details: { topic: TOPIC },
    })
    const future = new Date(Date.now() + 60_000).toISOString()
    expect((await kept.run('history', 'com.example.log:prefix', '--from', future)).printed).toEqual([])
    expect((await kept.run('history', 'com.example.log:prefix', '--until', future)).printed).toHaveLength(3)
  })

  it('says so when nothing is kept, and when a time is none', async () => {
    await using kept = await router(...KEPT)
    const missing = await kept.run('history', 'com.example.other')
    expect(missing).toEqual({
      code: 1,
      printed: [],
      told: [
        'wampkit: wamp.error.no_such_subscription: there is no subscription to com.example.other (exact)',
      ],
    })
    const { code, told } = await kept.run('history', 'com.example.chat', '--from', 'yesterday')
    expect(code).toBe(1)
    expect(told.join()).toMatch(/from_time must be a time such as 2026-01-31T12:00:00Z, not "yesterday"/)
  })

  it('prints what is retained, with subscribe --retained', async () => {
    await using kept = await router()
    await kept.run('publish', 'com.example.temperature', '21', '--retain')
    const { printed } = await kept.run('subscribe', 'com.example.temperature', '--retained', '--count', '1')
    expect(printed).toEqual(['com.example.temperature 21'])
  })

  it('with --store has all of it again after kill -9', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wampkit-store-'))
    const main = resolve('src/cli/main.ts')
    const open = async () => {
      const node = ['--conditions=wampkit-source', '--import', 'tsx', main]
      const child = new CliProcess(
        [...node, 'router', '--port', '0', ...KEPT, '--store', folder],
        resolve('.'),
      )
      const url = (await child.output(/ws:\/\/\S+/)) as string
      const run = async (...command: string[]) => {
        const { code, printed, told } = await wampkit([...command, '--url', url])
        expect({ code, told: told.filter((line) => !line.includes('Ctrl-C')) }).toEqual({ code: 0, told: [] })
        return printed
      }
      return { child, run }
    }
    try {
      {
        const { child, run } = await open()
        await using _ = child
        await run('publish', TOPIC, '1')
        await run('publish', TOPIC, '2', '--retain')
        await run('publish', 'com.example.chat', '"hello"')
        child.signal('SIGKILL')
        await child.exited
      }
      const { child, run } = await open()
      await using _ = child
      const log = await run('history', 'com.example.log:prefix')
      expect(log.map((line) => line.replace(/^\S+Z /, ''))).toEqual([`${TOPIC} 1`, `${TOPIC} 2`])
      expect(await run('history', 'com.example.chat')).toHaveLength(1)
      expect(await run('subscribe', TOPIC, '--retained', '--count', '1')).toEqual([`${TOPIC} 2`])
      await run('publish', TOPIC, '3')
      expect(await run('history', 'com.example.log:prefix')).toHaveLength(3)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
