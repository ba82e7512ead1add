import { spawn } from 'node:child_process'
import { chmodSync, existsSync, lstatSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join, relative } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Client, TransportError, UsageError } from '../../../src/index.js'
import { type ListenOptions, Router } from '../../../src/router.js'
import { temporaryFolder } from './grounds.js'

let folder: string
let path: string
let routers: Router[] = []

beforeEach(() => {
  folder = temporaryFolder()
  path = join(folder, 'router.sock')
})

afterEach(async () => {
  for (const router of routers) await router.close()
  routers = []
})

async function listen(options: ListenOptions = { unix: path }): Promise<Router> {
  const router = new Router({ realms: [{ name: 'realm1' }] })
  routers.push(router)
  return router.listen(options)
}

async function whyNot(options: ListenOptions = { unix: path }): Promise<unknown> {
  return listen(options).then(
    () => undefined,
    (error: unknown) => error,
  )
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777
}

/** A socket that nobody listens on: whoever did was killed. */
async function leaveBehind(): Promise<void> {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('listens'))`
  const child = spawn(process.execPath, ['-e', script])
  await new Promise((resolve) => child.stdout.once('data', resolve))
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exited
}

describe('a Unix socket', () => {
  it('is open to its owner only, and goes with the router', async () => {
    const mask = process.umask()
    const router = await listen()
    expect(modeOf(path)).toBe(0o600)
    expect(process.umask()).toBe(mask)
    expect(router.urls).toEqual([`ws+unix://${path}`, `unix+rs://${path}`])
    await router.close()
    expect(existsSync(path)).toBe(false)
    expect(router.urls).toEqual([`ws+unix://${path}`, `unix+rs://${path}`])
  })

  it('has the permissions that are asked for', async () => {
    await listen({ unix: path, unixMode: 0o660 })
    expect(modeOf(path)).toBe(0o660)
  })

  it('may be named by a path that is relative to where the process stands', async () => {
    const router = await listen({ unix: relative(process.cwd(), path) })
    expect(router.urls[0]).toBe(`ws+unix://${path}`)
    await router.close()
    expect(existsSync(path)).toBe(false)
  })

  it.each(['a folder/router.sock', '50%/a?b#c:d.sock', 'Größe.sock'])(
    'may be called %s, and the URLs lead there',
    async (name) => {
      const odd = join(folder, name)
      mkdirSync(join(odd, '..'), { recursive: true })
      const router = await listen({ unix: odd, path: '/ws' })
      for (const url of router.urls) {
        await using client = await new Client({ url, realm: 'realm1', reconnect: false }).start()
        expect(client.state).toBe('joined')
      }
    },
  )

  it('that was left behind by one who was killed is replaced', async () => {
    await leaveBehind()
    expect(existsSync(path)).toBe(true)
    const router = await listen()
    await using client = await new Client({ url: router.urls[1] ?? '', realm: 'realm1' }).start()
    expect(client.state).toBe('joined')
  })

  it('that a router listens on is left alone', async () => {
    const router = await listen()
    const error = await whyNot()
    expect(error).toBeInstanceOf(TransportError)
    expect(error).toMatchObject({ message: `${path} is in use; choose another` })
    await using client = await new Client({ url: router.urls[0] ?? '', realm: 'realm1' }).start()
    expect(client.state).toBe('joined')
  })

  it('that anybody else listens on is left alone', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(path, resolve))
    expect(await whyNot()).toBeInstanceOf(TransportError)
    const socket = connect(path)
    await new Promise((resolve) => socket.once('connect', resolve))
    socket.destroy()
    await new Promise((resolve) => other.close(resolve))
  })

  it.each([
    ['a file', () => writeFileSync(path, 'precious')],
    ['a folder', () => mkdirSync(path)],
    ['a symbolic link', () => symlinkSync(join(folder, 'elsewhere'), path)],
  ])('does not take the place of %s', async (_, make) => {
    make()
    expect(await whyNot()).toMatchObject({
      message: `${path} is there, and is no socket; choose another`,
    })
    expect(lstatSync(path).isSocket()).toBe(false)
  })

  it('that cannot be is told in a sentence', async () => {
    const nowhere = join(folder, 'none', 'router.sock')
    expect(await whyNot({ unix: nowhere })).toMatchObject({ message: `there is no folder for ${nowhere}` })
    writeFileSync(path, '')
    const below = join(path, 'router.sock')
    expect(await whyNot({ unix: below })).toBeInstanceOf(TransportError)
    if (process.getuid?.() === 0) return
    chmodSync(folder, 0o500)
    const locked = join(folder, 'locked.sock')
    expect(await whyNot({ unix: locked })).toMatchObject({
      message: `${locked} cannot be written here; choose another place`,
    })
  })

  it.each<[string, () => ListenOptions, string]>([
    ['no path', () => ({ unix: '' }), 'unix must be the path of a Unix socket, not ""'],
    [
      'an octet 0',
      () => ({ unix: '\0abstract' }),
      'unix must be the path of a Unix socket, not "\\u0000abstract"',
    ],
    ['too long a path', () => ({ unix: `/${'x'.repeat(200)}` }), 'the path of a Unix socket has 1'],
    ['a port', () => ({ unix: path, port: 0 }), 'on a Unix socket (unix) or on a port (port, host, tls)'],
    ['a host', () => ({ unix: path, host: '::1' }), 'on a Unix socket (unix) or on a port (port, host, tls)'],
    [
      'permissions that are none',
      () => ({ unix: path, unixMode: 660 }),
      'unixMode must be permissions such as 0o660',
    ],
    ['permissions without a socket', () => ({ port: 0, unixMode: 0o600 }), 'it needs unix'],
  ])('with %s is refused', async (_, options, sentence) => {
    const error = await whyNot(options())
    expect(error).toBeInstanceOf(UsageError)
    expect((error as Error).message).toContain(sentence)
    expect(existsSync(path)).toBe(false)
  })

  it('can be listened on by a worker, which may set no mask', async () => {
    const worker = new Worker(
      `import('tsx/esm/api').then(({ tsImport }) =>
        tsImport(${JSON.stringify(join(import.meta.dirname, '../../../src/router.ts'))}, 'file:///')).then(async ({ Router }) => {
          const router = await new Router({ realms: [{ name: 'realm1' }] }).listen({ unix: ${JSON.stringify(path)} })
          const { parentPort } = require('node:worker_threads')
          parentPort.postMessage('listens')
          parentPort.once('message', () => router.close().then(() => parentPort.close()))
        })`,
      { eval: true },
    )
    const exited = new Promise((resolve) => worker.once('exit', resolve))
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    expect(modeOf(path)).toBe(0o600)
    worker.postMessage('close')
    await exited
  })
})
