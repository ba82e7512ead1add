import { describe, expect, it } from 'vitest'
import { VERSION } from '../../src/version.js'
import { wampkit } from './test-terminal.js'

const COMMANDS = [
  'run',
  'router',
  'call',
  'publish',
  'subscribe',
  'history',
  'register',
  'check',
  'keygen',
  'hash',
]

describe('wampkit', () => {
  it('prints its version', async () => {
    expect(await wampkit(['--version'])).toEqual({ code: 0, printed: [VERSION], told: [] })
  })

  it.each([[['--help']], [['help']]])('prints its help: %j', async (args) => {
    const { code, printed, told } = await wampkit(args)
    expect({ code, told }).toEqual({ code: 0, told: [] })
    for (const command of COMMANDS) expect(printed.join('\n')).toMatch(new RegExp(`^  ${command} `, 'm'))
  })

  it.each(COMMANDS)('prints the help of %s, with an example', async (command) => {
    const { code, printed } = await wampkit([command, '--help'])
    expect(code).toBe(0)
    expect(printed.at(-1)).toMatch(new RegExp(`^ {2}npx wampkit ${command} `))
  })

  it('shows its help to who asks for nothing, but that is no success', async () => {
    const { code, printed, told } = await wampkit([])
    expect({ code, printed }).toEqual({ code: 2, printed: [] })
    expect(told[0]).toMatch(/^Usage: wampkit /)
  })

  it.each([
    ['cal', "unknown command 'cal' (Did you mean call?)"],
    ['call', "missing required argument 'PROCEDURE'"],
    [
      'call a..b',
      "command-argument value 'a..b' is invalid for argument 'PROCEDURE'. It must be a URI such as com.example.name.",
    ],
    ['call x --foo', "unknown option '--foo'"],
    [
      'router --history a:fuzzy',
      "option '--history <TOPIC[:MATCH]>' argument 'a:fuzzy' is invalid. Behind the colon stands exact, prefix or wildcard, not fuzzy.",
    ],
    [
      'router --history a..b',
      "option '--history <TOPIC[:MATCH]>' argument 'a..b' is invalid. \"a..b\" is no URI (exact).",
    ],
    ['call x --kw a', "option '--kw <KEY=VALUE>' argument 'a' is invalid. It must be KEY=VALUE."],
    [
      'call x --timeout soon',
      "option '--timeout <MS>' argument 'soon' is invalid. It must be a whole number from 0 to 2147483647.",
    ],
    [
      'call x --serializer xml',
      "option '--serializer <NAME>' argument 'xml' is invalid. Allowed choices are json, msgpack, cbor.",
    ],
    ['call x --url', "option '--url <URL>' argument missing"],
    [
      'call x --url ftp://localhost:1',
      '"ftp://localhost:1" cannot be dialed: the URL of a router is one such as ws://localhost:8080 (ws:, wss:, ws+unix:, rs:, rss:, unix+rs:, http:, https:)',
    ],
    ['call x --realm a..b', 'a Client needs the option realm, a URI such as \'realm1\', not "a..b"'],
    ['publish', "missing required argument 'TOPIC'"],
    [
      'subscribe x --match some',
      "option '--match <POLICY>' argument 'some' is invalid. Allowed choices are exact, prefix, wildcard.",
    ],
    [
      'subscribe x --count 0',
      "option '--count <N>' argument '0' is invalid. It must be a whole number from 1 to 9007199254740991.",
    ],
    ['register x', "required option '--command <CMD>' not specified"],
    ['router extra', "too many arguments for 'router'. Expected 0 arguments but got 1."],
    [
      'router --port 99999',
      "option '--port <PORT>' argument '99999' is invalid. It must be a whole number from 0 to 65535.",
    ],
    ['run', "missing required argument 'FILE[:Class]'"],
    [
      'run x.ts --url ws://localhost:1 --port 1',
      "option '--url <URL>' cannot be used with option '--port <PORT>'",
    ],
  ])('%s is wrong usage', async (line, sentence) => {
    expect(await wampkit(line.split(' ').filter(Boolean))).toEqual({
      code: 2,
      printed: [],
      told: [`wampkit: ${sentence}`],
    })
  })

  it('says so when there is no such file to run', async () => {
    expect(await wampkit(['run', 'no/such.ts'])).toEqual({
      code: 1,
      printed: [],
      told: ['wampkit: there is no file no/such.ts'],
    })
  })
})
