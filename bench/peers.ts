import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { resolve } from 'node:path'
import type { Framing } from './generator/framing.js'
import type { WampFormat } from './generator/raw-session.js'
import {
  ForeignProcess,
  type MeasuredProcess,
  NodeProcess,
  type ProcessOptions,
} from './measuring/measured-process.js'

/** What clients have to speak to a peer. */
export type Protocol = 'wamp' | 'relay' | 'socket.io' | 'nats'

export interface Peer {
  /** How it is called in tables. */
  readonly label: string
  readonly protocol: Protocol
  readonly framing: Framing
  readonly formats: readonly WampFormat[]
  /** Its file, if it is a program of Node. */
  readonly program?: string
  /** What it needs, and what to do where that is missing. */
  readonly needs?: { isThere(): boolean; readonly missing: string }
}

const ALL = ['json', 'msgpack', 'cbor'] as const

/** A package of `bench/package.json`. */
const needsPackage = (name: string) => ({
  isThere: () => existsSync(resolve(import.meta.dirname, 'node_modules', name)),
  missing: `\`${name}\` is not installed: \`npm ci --prefix bench --ignore-scripts\``,
})

/** Who is measured. `ws` is what the others are compared with. */
export const peers = {
  wampkit: {
    label: 'wampkit',
    protocol: 'wamp',
    framing: 'websocket',
    formats: ALL,
    program: 'peers/wampkit.js',
  },
  'wampkit-rawsocket': {
    label: 'wampkit, RawSocket',
    protocol: 'wamp',
    framing: 'rawsocket',
    formats: ALL,
    program: 'peers/wampkit.js',
  },
  ws: {
    label: 'plain ws relay',
    protocol: 'relay',
    framing: 'websocket',
    formats: ALL,
    program: 'peers/ws-relay.js',
  },
  'fox-wamp': {
    label: 'fox-wamp',
    protocol: 'wamp',
    framing: 'websocket',
    formats: ['json'],
    program: 'peers/fox-wamp.js',
    needs: needsPackage('fox-wamp'),
  },
  'socket.io': {
    label: 'socket.io',
    protocol: 'socket.io',
    framing: 'websocket',
    formats: ['json'],
    program: 'peers/socket-io.js',
    needs: needsPackage('socket.io'),
  },
  nats: {
    label: 'nats-server',
    protocol: 'nats',
    framing: 'lengths',
    formats: ['json'],
    needs: {
      isThere: () =>
        spawnSync('nats-server', ['--version']).status === 0 && existsSync('/proc/self/schedstat'),
      missing: 'there is no `nats-server` in the PATH, or no /proc that tells what it uses',
    },
  },
  tcp: {
    label: 'TCP relay (the floor)',
    protocol: 'relay',
    framing: 'lengths',
    formats: ['json'],
    program: 'peers/tcp-relay.js',
  },
} as const satisfies Record<string, Peer>

export type PeerName = keyof typeof peers

export const isPeerName = (name: string): name is PeerName => Object.hasOwn(peers, name)

/** A peer that runs. */
export interface StartedPeer {
  readonly peer: Peer
  readonly process: MeasuredProcess
  readonly port: number
}

/** Options for Node count only where the peer is a program of Node. */
export async function startPeer(name: PeerName, options: ProcessOptions): Promise<StartedPeer> {
  const peer: Peer = peers[name]
  if (peer.program !== undefined) {
    const process = await NodeProcess.start(peer.program, options)
    return { peer, process, port: process.port }
  }
  const port = await freePort()
  const process = ForeignProcess.start(['nats-server', '-a', '127.0.0.1', '-p', String(port)], options.core)
  await listening(port)
  return { peer, process, port }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      )
    })
  })
}

/** Resolves when somebody listens on the port. */
async function listening(port: number, attempts = 100): Promise<void> {
  const isThere = await new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('close', () => {}).setTimeout(1000)
    socket.once('connect', () => socket.destroy())
  })
  if (isThere) return
  if (attempts === 0) throw new Error(`nobody listens on port ${port}`)
  await new Promise((resolve) => setTimeout(resolve, 50))
  return listening(port, attempts - 1)
}
