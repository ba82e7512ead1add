import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Client } from '../../src/peers/client/client.js'
import { VERSION } from '../../src/version.js'
import { CliProcess } from './cli-process.js'
import { type Project, Projects } from './project.js'
import { Served } from './served.js'

const DATE_SERVICE = `
import { Client, callee, subscriber } from 'wampkit'

export class DateService extends Client {
  @callee
  getTodaysDate(): string {
    return 'today'
  }

  @callee('com.example.count')
  *count(to: number) {
    for (let i = 1; i <= to; i++) yield i
  }

  @subscriber('com.example.weather', { match: 'prefix' })
  onWeather(report: unknown): void {
    throw new Error('no weather')
  }
}
`

const PLAIN_SERVICE = `
import { Client } from 'wampkit'

export class PlainService extends Client {
  async registerRoles() {
    await super.registerRoles()
    await this.register('com.example.add', (a, b) => a + b)
  }
}
export class Stubborn extends PlainService {
  stop() {
    console.log('stopping')
    return new Promise(() => {})
  }
}
`

let projects: Projects
let project: Project

beforeAll(async () => {
  projects = await Projects.make()
  project = projects.add('project', {
    'date-service.ts': DATE_SERVICE,
    'plain-service.js': PLAIN_SERVICE,
    'syntax.ts': 'export class A {\n  foo( {\n}\n',
    'syntax.js': 'export class A {\n  foo( {\n}\n',
    'missing.ts': "import 'no-such-package'\n",
    'throws.ts': '\n\nexport const x: number = JSON.parse("{")\n',
    'constructor.ts':
      "import { Client } from 'wampkit'\nexport class A extends Client {\n  x = (null as any).y\n}\n",
    'nothing.js': 'export class NoClient {}\n',
  })
})
afterAll(() => projects[Symbol.dispose]())

async function running(inside: Project, ...files: string[]) {
  const wampkit = inside.wampkit('run', ...files, '--port', '0')
  const url = await wampkit.output(/ws:\/\/127\.0\.0\.1:\d+/)
  await wampkit.output(/try: .*/)
  return { wampkit, url }
}

describe('wampkit run', () => {
  it('hosts classes and a router, and at Ctrl-C says GOODBYE and ends with 0', async () => {
    const { wampkit, url } = await running(project, 'date-service.ts', 'plain-service.js:PlainService')
    await using _ = wampkit
    expect(wampkit.stdout).toBe(`
  wampkit router on ${url}  (this machine only)
  realm      realm1
  procedures getTodaysDate                 DateService
             com.example.count             DateService
             com.example.add               PlainService
  topics     com.example.weather (prefix)  DateService

  try: npx wampkit call getTodaysDate --url ${url}

`)
    const client = await new Client({ url, realm: 'realm1' }).start()
    const left = new Promise((resolve) => client.on('leave', resolve))
    expect(await client.call('getTodaysDate')).toBe('today')
    expect(await client.call('com.example.add', [2, 3])).toBe(5)
    await using call = project.wampkit('call', 'com.example.count', '3', '--url', url)
    expect(await call.exited).toBe(0)
    expect(call.stdout).toBe('1\n2\n3\n')
    await client.publish('com.example.weather.oslo', [1])
    await wampkit.output(/wampkit: DateService: no weather \(date-service\.ts:17\)\n/)
    wampkit.signal('SIGINT')
    expect(await left).toMatchObject({ reason: 'wamp.close.system_shutdown' })
    expect(await wampkit.exited).toBe(0)
    expect(wampkit.stderr.split('\n')).toHaveLength(2)
  })

  it('hosts a class that is made with another copy of wampkit', async () => {
    const other = projects.add('other-copy', { 'date-service.ts': DATE_SERVICE })
    const { wampkit, url } = await running(project, `${other.folder}/date-service.ts:DateService`)
    await using _ = wampkit
    await using client = await new Client({ url, realm: 'realm1' }).start()
    expect(await client.call('getTodaysDate')).toBe('today')
    expect(wampkit.stdout).toMatch(/procedures getTodaysDate +DateService\n/)
  })

  it('hosts TypeScript of a CommonJS package', async () => {
    const commonjs = projects.add('commonjs', { 'date-service.ts': DATE_SERVICE }, { type: 'commonjs' })
    const { wampkit, url } = await running(commonjs, 'date-service.ts')
    await using _ = wampkit
    await using client = await new Client({ url, realm: 'realm1' }).start()
    expect(await client.call('getTodaysDate')).toBe('today')
  })

  it('joins a router that is there, leaves it at SIGTERM, and comes back to it after a loss', async () => {
    const served = await Served.open('realm2')
    const join = ['run', 'plain-service.js:PlainService', '--url', served.url, '--realm', 'realm2']
    const { sessions } = served.router.realms.get('realm2') ?? { sessions: new Map() }
    await using leaving = project.wampkit(...join)
    await leaving.output(/try: /)
    expect(leaving.stdout).toMatch(`\n  joined ${served.url}\n  realm      realm2\n`)
    leaving.signal('SIGTERM')
    expect(await leaving.exited).toBe(0)
    expect(sessions.size).toBe(1)
    await using losing = project.wampkit(...join, '--json')
    const line = JSON.parse(await losing.output(/^\{.*\}$/m))
    const procedures = [{ procedure: 'com.example.add', match: 'exact', class: 'PlainService' }]
    expect(line).toEqual({ url: served.url, realms: ['realm2'], procedures, topics: [] })
    await served[Symbol.asyncDispose]()
    await losing.output(/PlainService lost its session: wamp\.close\.system_shutdown: .*; trying again\n/)
    await using again = await Served.open('realm2', served.port)
    await losing.output(/PlainService is back/)
    expect(await again.client.call('com.example.add', [2, 3])).toBe(5)
    await again.killOthers()
    expect(await losing.exited).toBe(1)
    expect(losing.stderr).toMatch(/\nwampkit: PlainService lost its session: wamp\.close\.killed\n$/)
  })

  it('ends at once at a second Ctrl-C', async () => {
    const { wampkit } = await running(project, 'plain-service.js:Stubborn')
    await using _ = wampkit
    wampkit.signal('SIGINT')
    await wampkit.output(/stopping/)
    wampkit.signal('SIGINT')
    expect(await wampkit.exited).toBe(130)
  })

  it.concurrent.each([
    [
      'syntax.ts',
      /^cannot load syntax\.ts: syntax error in \S+\/syntax\.ts:4:0: Expected "\)" but found end of file$/,
    ],
    ['syntax.js', /^cannot load syntax\.js: SyntaxError: Unexpected end of input/],
    [
      'missing.ts',
      /^cannot load missing\.ts: Cannot find package 'no-such-package' imported from \S+missing\.ts$/,
    ],
    ['throws.ts', /^cannot load throws\.ts: SyntaxError: .*JSON.* \(throws\.ts:3\)$/],
    ['constructor.ts', /^the constructor of A in constructor\.ts throws: .* \(constructor\.ts:3\)$/],
    ['nothing.js', /^nothing\.js exports no Client; /],
  ])('says in a sentence what is wrong with %s', async (file, pattern) => {
    await using wampkit = project.wampkit('run', file, '--port', '0')
    expect(await wampkit.exited).toBe(1)
    expect(wampkit.stdout).toBe('')
    const [sentence = '', ...more] = wampkit.stderr.replace(/^wampkit: /, '').split('\n')
    expect(sentence).toMatch(pattern)
    expect(more).toEqual([''])
  })

  it('says so when its port is in use', async () => {
    await using served = await Served.open()
    const { port } = new URL(served.url)
    await using wampkit = project.wampkit('run', 'plain-service.js:PlainService', '--port', port)
    expect(await wampkit.exited).toBe(1)
    expect(wampkit.stderr).toBe(`wampkit: port ${port} on 127.0.0.1 is in use; choose another with --port\n`)
  })

  it('says what to install for TypeScript', async () => {
    const poor = projects.add('poor', { 'date-service.ts': DATE_SERVICE }, { tsx: false })
    await using wampkit = poor.wampkit('run', 'date-service.ts')
    expect(await wampkit.exited).toBe(1)
    expect(wampkit.stderr).toBe('wampkit: to run TypeScript files install tsx: npm install --save-dev tsx\n')
  })
})

describe('wampkit as a process', () => {
  it('runs from its source', async () => {
    const main = resolve(import.meta.dirname, '../../src/cli/main.ts')
    const args = ['--conditions=wampkit-source', '--import', 'tsx', main, '--version']
    await using wampkit = new CliProcess(args, resolve(import.meta.dirname, '../..'))
    expect(await wampkit.exited).toBe(0)
    expect(wampkit.stdout).toBe(`${VERSION}\n`)
  })

  it('ends in order when nobody reads what it prints', async () => {
    await using served = await Served.open()
    await using wampkit = project.wampkit('subscribe', 'com.example.news', '--url', served.url)
    await wampkit.output(/subscribed/)
    const { sessions } = served.router.realms.get('realm1') ?? { sessions: new Map() }
    wampkit.hangUp()
    await served.client.publish('com.example.news')
    expect(await wampkit.exited).toBe(0)
    expect(wampkit.stderr).toMatch(/^subscribed to .*\n$/)
    expect(sessions.size).toBe(1)
  })

  it('leaves at Ctrl-C', async () => {
    await using served = await Served.open()
    await using wampkit = project.wampkit(
      'register',
      'com.example.x',
      '--command',
      'cat',
      '--url',
      served.url,
    )
    await wampkit.output(/try: /)
    wampkit.signal('SIGINT')
    expect(await wampkit.exited).toBe(0)
    expect(wampkit.stderr).toBe('')
  })
})
