import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const SRC = join(ROOT, 'src')

const GROUND = ['errors.ts', 'uris.ts', 'spelling.ts', 'clock.ts', 'logger.ts', 'version.ts', 'every-name.ts']
const DOORS = ['index.ts', 'router.ts', 'protocol.ts', 'contracts.ts', 'testing.ts']

const BELOW_PEERS = [
  'ground',
  'messages',
  'serializers',
  'transports',
  'sessions',
  'authentication',
  'authorization',
  'event-store',
  'roles',
  'message-handlers',
  'contracts',
]

/** Which rooms each room may import from; the table of docs/architecture.md. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  ground: [],
  messages: ['ground'],
  serializers: ['ground', 'messages'],
  transports: ['ground', 'messages', 'serializers'],
  sessions: ['ground', 'messages'],
  authentication: ['ground', 'messages'],
  'event-store': ['ground', 'messages'],
  roles: ['ground', 'messages', 'sessions', 'event-store'],
  authorization: ['ground', 'messages'],
  'message-handlers': ['ground', 'messages', 'sessions', 'roles', 'authorization'],
  contracts: ['ground', 'messages', 'roles'],
  peers: BELOW_PEERS,
  configuration: [...BELOW_PEERS, 'peers'],
}
const OUTBUILDINGS = ['cli', 'testing', 'integrations']

/** Module-level state that has to be: each with its reason. */
const ALLOWED_STATE: Readonly<Record<string, string>> = {
  'roles/current.ts': 'set only while a handler is on the stack',
  'roles/decorators.ts': 'a WeakMap: what decorators recorded, for as long as the class or instance lives',
}

interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
}

interface Source {
  readonly path: string
  readonly text: string
  /** The text without comments. */
  readonly code: string
  readonly imports: readonly Import[]
}

const sources: readonly Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .sort()
  .map((path) => {
    const text = readFileSync(join(SRC, path), 'utf8')
    const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
    return { path, text, code, imports: importsOf(code) }
  })

function importsOf(code: string): Import[] {
  const found = [...code.matchAll(/^(?:import|export)\s+(type\s+)?([^'";]*?from\s+)?'([^']+)'/gm)].map(
    ([, type, names = '', specifier = '']) => ({
      specifier,
      typeOnly: type !== undefined || (/\{[^}]*\}/.test(names) && everyNameIsType(names)),
    }),
  )
  const dynamic = [...code.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)].map(([, specifier = '']) => ({
    specifier,
    typeOnly: false,
  }))
  return [...found, ...dynamic]
}

function everyNameIsType(names: string): boolean {
  const listed = names.slice(names.indexOf('{') + 1, names.indexOf('}')).split(',')
  return (
    !/^\s*\w+\s*,/.test(names) &&
    listed.filter((name) => name.trim()).every((name) => /^\s*type\s/.test(name))
  )
}

function roomOf(path: string): string {
  if (GROUND.includes(path) || path.startsWith('uris/')) return 'ground'
  if (DOORS.includes(path)) return 'door'
  return path.split('/')[0] ?? ''
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  imports: Record<string, Record<string, unknown>>
}

/** The source file that an import leads to, under the conditions of a browser or of Node; undefined for packages. */
function resolveImport(from: string, specifier: string, condition: 'browser' | 'node'): string | undefined {
  if (specifier.startsWith('#')) {
    let target: unknown = manifest.imports[specifier]
    while (typeof target === 'object' && target !== null) {
      const choices = target as Record<string, unknown>
      target =
        choices['wampkit-source'] ?? (condition === 'node' ? choices.node : undefined) ?? choices.default
    }
    return relative(SRC, resolve(ROOT, String(target)))
  }
  if (!specifier.startsWith('.')) return undefined
  return join(dirname(from), specifier.replace(/\.js$/, '.ts'))
}

function reachable(
  from: string,
  condition: 'browser' | 'node',
): { files: Set<string>; packages: Set<string> } {
  const files = new Set([from])
  const packages = new Set<string>()
  for (const path of files) {
    const source = sources.find((candidate) => candidate.path === path)
    for (const { specifier, typeOnly } of source?.imports ?? []) {
      if (typeOnly) continue
      const target = resolveImport(path, specifier, condition)
      if (target === undefined) packages.add(specifier)
      else files.add(target)
    }
  }
  return { files, packages }
}

describe('imports', () => {
  it('go down only, as the table of rooms says', () => {
    const wrong = sources.flatMap(({ path, imports }) => {
      const room = roomOf(path)
      const allowed = TABLE[room]
      return imports.flatMap(({ specifier }) => {
        const target = resolveImport(path, specifier, 'node')
        if (target === undefined || room === 'door') return []
        const to = roomOf(target)
        if (to === room) return []
        const fine = OUTBUILDINGS.includes(room) ? to in TABLE : allowed?.includes(to)
        return fine ? [] : [`${path} imports ${target}`]
      })
    })
    expect(wrong).toEqual([])
  })

  it('lead to files that exist, and to a room that the table knows', () => {
    const wrong = sources.flatMap(({ path, imports }) => [
      ...imports
        .map(({ specifier }) => resolveImport(path, specifier, 'browser'))
        .filter((target) => target !== undefined && !existsSync(join(SRC, target))),
      ...(roomOf(path) in TABLE || OUTBUILDINGS.includes(roomOf(path)) || roomOf(path) === 'door'
        ? []
        : [path]),
    ])
    expect(wrong).toEqual([])
  })

  it('have no value cycles', () => {
    const seen = new Map<string, 'open' | 'done'>()
    const cycles: string[] = []
    const visit = (path: string, trail: readonly string[]) => {
      if (seen.get(path) === 'open') cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
      if (seen.has(path)) return
      seen.set(path, 'open')
      for (const { specifier, typeOnly } of sources.find((source) => source.path === path)?.imports ?? []) {
        const target = typeOnly ? undefined : resolveImport(path, specifier, 'node')
        if (target !== undefined) visit(target, [...trail, path])
      }
      seen.set(path, 'done')
    }
    for (const { path } of sources) visit(path, [])
    expect(cycles).toEqual([])
  })

  it('never enter by a door from inside', () => {
    const wrong = sources.flatMap(({ path, imports }) =>
      imports
        .map(({ specifier }) => resolveImport(path, specifier, 'node'))
        .filter((target) => target !== undefined && DOORS.includes(target))
        .map((target) => `${path} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('doors re-export, and do nothing else', () => {
    for (const { path, code } of sources.filter((source) => DOORS.includes(source.path)))
      expect(code.replace(/export\s+(type\s+)?(\{[^}]*\}|\*)\s+from\s+'[^']+'/g, '').trim(), path).toBe('')
  })
})

describe('the client door', () => {
  /** Cryptography that browsers lack, behind the functions for methods of authentication that need it. */
  const isCrypto = (name: string) => name.startsWith('@noble/')

  it('reaches nothing of the router, of Node or of a package, in a browser; but for cryptography', () => {
    const { files, packages } = reachable('index.ts', 'browser')
    expect([...packages].filter((name) => !isCrypto(name))).toEqual([])
    const router = [...files].filter((path) =>
      /router|dealer|broker|relay|output|listener|cli\/|testing/.test(path),
    )
    expect(router).toEqual([])
  })

  it('reaches, in Node, no package but ws, and what is Node has only where it dials', () => {
    const { packages, files } = reachable('index.ts', 'node')
    const sockets = ['node:net', 'node:tls', 'ws']
    expect([...packages].filter((name) => !sockets.includes(name) && !isCrypto(name))).toEqual([])
    const ofNode = sources.filter(
      ({ path, imports }) =>
        files.has(path) &&
        imports.some(({ specifier, typeOnly }) => !typeOnly && sockets.includes(specifier)),
    )
    expect(ofNode.map(({ path }) => path).filter((path) => !path.startsWith('transports/'))).toEqual([])
  })

  it('takes URIs and message codes from the modules that have them, so that bundlers leave out what is never said', () => {
    const whole = /import \{[^}]*\b(?:CLOSE|ERROR|META|Code)\b[^}]*\} from '[^']*\/(?:uris|codes)\.js'/
    const { files } = reachable('index.ts', 'browser')
    expect(
      sources.filter(({ path, code }) => files.has(path) && whole.test(code)).map(({ path }) => path),
    ).toEqual([])
  })

  it('reaches nothing of contracts, and contracts reach no package and no peer', () => {
    const { files } = reachable('index.ts', 'browser')
    expect([...files].filter((path) => roomOf(path) === 'contracts')).toEqual([])
    const contracts = reachable('contracts.ts', 'browser')
    expect([...contracts.packages]).toEqual([])
    expect(
      [...contracts.files].filter((path) => /^(peers|transports|serializers|message-handlers)\//.test(path)),
    ).toEqual([])
  })

  it('bundles for a browser without configuration, and without packages that are not used', async () => {
    const contents = "export { ApplicationError, Client, callee, subscriber, ticket } from './src/index.ts'"
    const { outputFiles, metafile } = await build({
      stdin: { contents, resolveDir: ROOT, loader: 'ts' },
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      conditions: ['wampkit-source'],
      target: 'es2022',
      metafile: true,
      write: false,
    })
    const used = Object.values(metafile?.outputs ?? {}).flatMap(({ inputs }) => Object.keys(inputs))
    expect(used.filter((path) => path.includes('node_modules'))).toEqual([])
    expect(outputFiles?.[0]?.text).not.toMatch(/\bnode:/)
  })
})

describe('walls', () => {
  const offenders = (pattern: RegExp, where: (path: string) => boolean = () => true) =>
    sources.filter(({ path, code }) => where(path) && pattern.test(code)).map(({ path }) => path)

  it('nothing is asynchronous in sessions, dealer and broker', () => {
    const pattern = /\basync\b|\bawait\b|\bPromise\b(?!<void> \{$)/
    expect(offenders(pattern, (path) => /^roles\/(dealer|broker)\//.test(path))).toEqual([])
    expect(offenders(/\basync\b|\bawait\b/, (path) => path.startsWith('sessions/'))).toEqual([])
  })

  it('no module keeps mutable state, but for the named exceptions', () => {
    const mutable =
      /^(?:export )?(?:let|var) |^(?:export )?const \w+ = new (?:Map|Set|WeakMap|WeakSet)\b|^const \w+(?:: (?!Readonly|readonly)[^=\n]*)? = (?:\[\]|new (?:Weak)?(?:Map|Set)\b)/m
    expect(offenders(mutable, (path) => !(path in ALLOWED_STATE))).toEqual([])
  })

  it('timers are set in clock.ts only', () => {
    const timers = /\b(setTimeout|setInterval|setImmediate|nextTick)\b/
    expect(offenders(timers, (path) => path !== 'clock.ts')).toEqual([])
  })

  it('URIs of the protocol stand in uris.ts, and in its folder, only', () => {
    // `wamp.2.` begins the names of WebSocket subprotocols, which are no URIs.
    expect(offenders(/['"`]wamp\.(?!2\.)/, (path) => !/^uris[./]/.test(path))).toEqual([])
  })

  it('message codes stand in codes.ts only', () => {
    const rooms = /^(messages|sessions|roles|message-handlers|peers|authentication)\//
    expect(
      offenders(
        /\b(?:code|Code)\b\s*[=!]==?\s*\d|case \d+:/,
        (path) => rooms.test(path) && basename(path) !== 'codes.ts',
      ),
    ).toEqual([])
  })

  it('no file is longer than 500 lines', () => {
    expect(sources.filter(({ text }) => text.split('\n').length > 500).map(({ path }) => path)).toEqual([])
  })

  it('no file is named after programming', () => {
    const banned = /^(utils?|helpers?|common|misc|manager|base|types|interfaces|constants)\.ts$/
    expect(sources.filter(({ path }) => banned.test(basename(path))).map(({ path }) => path)).toEqual([])
  })

  it('no type is silenced', () => {
    expect(offenders(/@ts-(ignore|expect-error|nocheck)|\bas any\b(?!\[\])/)).toEqual([])
  })
})
