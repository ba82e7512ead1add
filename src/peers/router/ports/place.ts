import { resolve } from 'node:path'
import { UsageError } from '../../../errors.js'
import type { ListenOptions } from './listen-options.js'

const DEFAULT_PORT = 8080
const LOOPBACK = '127.0.0.1'
const OWNER_ONLY = 0o600
const ALL_MODES = 0o777
/** So many octets of a path has an address of a Unix socket room for; Node would cut off the rest. */
const LONGEST_UNIX_PATH = process.platform === 'darwin' ? 103 : 107

/** Where a port of a router is. */
export type Place =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string; readonly mode: number }

/** Where to listen. @throws UsageError if the options cannot work. */
export function placeOf({ unix, unixMode, host, port, tls }: ListenOptions): Place {
  if (unix === undefined) {
    if (unixMode !== undefined) throw new UsageError('unixMode is of a Unix socket: it needs unix')
    return { kind: 'tcp', host: host ?? LOOPBACK, port: portIn(port ?? DEFAULT_PORT) }
  }
  if (host !== undefined || port !== undefined || tls !== undefined)
    throw new UsageError(
      'a router listens on a Unix socket (unix) or on a port (port, host, tls), not on both at once',
    )
  return { kind: 'unix', path: pathIn(unix), mode: modeIn(unixMode ?? OWNER_ONLY) }
}

function portIn(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port
  throw new UsageError(`port must be a whole number from 0 to 65535, not ${port}`)
}

/** The whole path: where the process stands may change. */
function pathIn(unix: string): string {
  if (unix === '' || unix.includes('\0'))
    throw new UsageError(`unix must be the path of a Unix socket, not ${JSON.stringify(unix)}`)
  const path = resolve(unix)
  if (Buffer.byteLength(path) <= LONGEST_UNIX_PATH) return path
  throw new UsageError(`the path of a Unix socket has ${LONGEST_UNIX_PATH} bytes at most: ${path}`)
}

function modeIn(mode: number): number {
  if (Number.isInteger(mode) && mode >= 0 && mode <= ALL_MODES) return mode
  throw new UsageError(`unixMode must be permissions such as 0o660, not ${mode}`)
}
