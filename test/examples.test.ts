import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { DateService } from '../examples/01-date-service.js'
import { BinaryNumberService } from '../examples/02-binary-number-service.js'
import { WeatherService } from '../examples/03-subscriber-service.js'
import { readConfiguration } from '../src/configuration/read-configuration.js'
import { routerOf } from '../src/configuration/router-of.js'
import { ApplicationError, Client } from '../src/index.js'
import { silentLogger } from '../src/logger.js'
import { Router } from '../src/router.js'

const ROOT = resolve(import.meta.dirname, '..')
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const today = () => new Date().toISOString().slice(0, 10)

async function served<T extends Client>(
  Service: new (options: { router: Router; realm: string }) => T,
  check: (client: Client, service: T) => Promise<void>,
) {
  await using router = new Router({ realms: [{ name: 'realm1' }] })
  await using service = await new Service({ router, realm: 'realm1' }).start()
  await using client = await new Client({ router, realm: 'realm1' }).start()
  await check(client, service)
}

const tsx = (file: string) => ['--import', 'tsx', '--conditions=wampkit-source', join(ROOT, 'examples', file)]

async function run(file: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, tsx(file), { cwd: ROOT })
  return stdout.trimEnd().split('\n')
}

describe('the services of the examples', () => {
  it('01: tell the date', () =>
    served(DateService, async (client) => {
      expect(await client.call('getTodaysDate')).toBe(today())
    }))

  it('02: write numbers in binary, and refuse what is no integer', () =>
    served(BinaryNumberService, async (client) => {
      expect(await client.call('com.example.get_binary_number', [5])).toBe('0b101')
      expect(await client.call('com.example.get_binary_number', [-2])).toBe('-0b10')
      const refused = client.call('com.example.get_binary_number', ['x'])
      await expect(refused).rejects.toThrow(ApplicationError)
      await expect(refused).rejects.toMatchObject({ uri: 'wamp.error.invalid_argument' })
    }))

  it('03: remember what was published', () =>
    served(WeatherService, async (client) => {
      const acknowledge = { acknowledge: true }
      await client.publish('com.example.weather.zurich', [{ celsius: 21 }], undefined, acknowledge)
      await client.publish('com.example.weather.oslo', [{ celsius: 9 }], undefined, acknowledge)
      await client.publish('com.example.forget', ['oslo'], undefined, acknowledge)
      expect(await client.call('com.example.weather.latest')).toEqual({ zurich: { celsius: 21 } })
    }))
})

describe('the programs of the examples', () => {
  it('04: a whole application, in all four roles', async () => {
    expect(await run('04-whole-application.ts')).toEqual([
      '3',
      '2',
      '1',
      'open',
      'packed apple number 1',
      'packed apple number 2',
      '2 × apple',
      'packed pear number 1',
      '1 × pear',
      'the shop is session one of the realm',
    ])
  })

  it('05: a message handler that logs and counts', async () => {
    expect(await run('05-message-handler.ts')).toEqual([
      'invocation 1 with [ 2, 3 ]',
      '5',
      'invocation 2 with [ 20, 30 ]',
      '50',
      '{ Welcome: 1, Registered: 1, Invocation: 2 }',
    ])
  })

  it('06: plain JavaScript', async () => {
    expect(await run('06-plain-javascript.js')).toEqual([
      'Hello, Ada!',
      'Good morning, Ada!',
      'news: WAMP works',
    ])
  })

  it('08: a router with two roles and three ways to log in', async () => {
    const file = join(ROOT, 'examples/08-secure-router/router.yaml')
    const { configuration, ...place } = await readConfiguration(file)
    process.env.BACKEND_TICKET = 'a long secret'
    const warned: string[] = []
    const logger = { ...silentLogger, warn: (line: string) => warned.push(line) }
    const { router } = await routerOf({ ...place, configuration }, logger)
    await router.listen({ port: 0 })
    process.env.WAMPKIT_URL = router.urls[0] ?? ''
    try {
      expect(await run('08-secure-router/log-in.ts')).toEqual([
        'ada hears 21.5',
        'sensor7 may not call: wamp.error.not_authorized',
        'ada may not end all: wamp.error.not_authorized',
        'a guess: wamp.error.authentication_denied',
      ])
    } finally {
      delete process.env.WAMPKIT_URL
      delete process.env.BACKEND_TICKET
      await router.close()
    }
    expect(warned).toHaveLength(3)
    expect(warned.join()).not.toMatch(/guess|secret/)
  })

  it('10: a contract, with a service and a caller that keep to it, and one that does not', async () => {
    expect(await run('10-contracts/main.ts')).toEqual([
      'bern has 21',
      'oslo has 9',
      '2 reports',
      'warmest: bern',
      'nobody knows atlantis',
      'wamp.error.invalid_argument args[0].celsius',
    ])
  })

  it('have at most 40 lines each', () => {
    const long = readdirSync(join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|js|html)$/.test(name))
      .filter(
        (name) =>
          readFileSync(join(ROOT, 'examples', name), 'utf8')
            .trimEnd()
            .split('\n').length > 40,
      )
    expect(long).toEqual([])
  })
})

/** Without a browser the test is skipped; where everything has to be there, it fails instead. */
const noBrowser = !existsSync(CHROMIUM) && !process.env.CI

describe.skipIf(noBrowser)(
  `07: the page, in ${noBrowser ? `a browser (skipped: there is no ${CHROMIUM})` : 'Chromium'}`,
  () => {
    it('calls the services over the WebSocket of the browser', async () => {
      const server = spawn(process.execPath, tsx('07-browser-page/serve.ts'), {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const browser = await chromium.launch({
        executablePath: CHROMIUM,
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-background-networking',
          '--disable-sync',
          '--no-first-run',
        ],
      })
      try {
        const page = await browser.newPage()
        const problems: string[] = []
        page.on('pageerror', (error) => problems.push(error.message))
        await page.goto(await firstLine(server))
        await page.waitForFunction((date) => document.getElementById('date')?.textContent === date, today())
        await page.click('#count')
        await page.waitForFunction(() => document.getElementById('counted')?.textContent === '1 2 3 4 5')
        expect(problems).toEqual([])
      } finally {
        await browser.close()
        server.kill()
      }
    })
  },
)

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) return reject(new Error('no output to read'))
    createInterface(child.stdout).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it said anything`)))
  })
}
