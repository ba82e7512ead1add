import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Client } from '../../../src/index.js'
import { ask, closePolls, OPEN } from './grounds.js'

// In processes of their own: vitest has Express load the wrong form of one of its packages.
describe.each(['express', 'fastify'])('a router in an application of %s', (framework) => {
  let application: ChildProcess
  let place: string

  beforeAll(async () => {
    application = fork(join(import.meta.dirname, `applications/${framework}.ts`), {
      execArgv: ['--conditions=wampkit-source', '--import', 'tsx'],
    })
    const [port] = await once(application, 'message')
    place = `127.0.0.1:${port}`
  })
  afterAll(() => application.kill())

  it('serves its clients, by WebSocket and by long-poll', async () => {
    await using one = await new Client({ url: `ws://${place}/ws`, realm: 'realm1' }).start()
    await using other = await new Client({ url: `http://${place}/longpoll`, realm: 'realm1' }).start()
    await one.register('com.example.add', (a: number, b: number) => a + b)
    expect(await other.call('com.example.add', [2, 3])).toBe(5)
  })

  it('leaves its pages, and what is not there, to the application', async () => {
    const url = `ws://${place}`
    expect(await ask(url, 'GET', '/page')).toMatchObject({ status: 200, body: 'a page' })
    const headers = { 'content-type': 'text/plain' }
    expect(await ask(url, 'POST', '/page', 'this', headers)).toMatchObject({ status: 200, body: 'read this' })
    expect((await ask(url, 'GET', '/nothing')).status).toBe(404)
  })

  it('answers its own requests alone', async () => {
    const url = `ws://${place}`
    const opened = await ask(url, 'POST', '/longpoll/open', OPEN, { 'content-type': 'application/json' })
    expect([opened.status, opened.headers['x-powered-by']]).toEqual([200, undefined])
    await closePolls(url, opened.body)
  })

  it('says GOODBYE, and lets the application close in order', async () => {
    const client = await new Client({ url: `ws://${place}/ws`, realm: 'realm1', reconnect: false }).start()
    const left = new Promise((resolve) => client.on('leave', resolve))
    const exited = once(application, 'exit')
    application.send('close')
    expect(await left).toMatchObject({ reason: 'wamp.close.system_shutdown' })
    expect(await exited).toEqual([0, null])
    await client.stop()
  })
})
