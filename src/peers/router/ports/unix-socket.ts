import { chmod, unlink } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import { TransportError } from '../../../errors.js'

/**
 * Listens on a Unix socket. A file that a router has left behind which was killed is replaced; one that somebody listens on
 * is not.
 *
 * @throws TransportError if the path cannot be had.
 */
export async function listenOnUnix(server: Server, path: string, mode: number): Promise<void> {
  try {
    await bind(server, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE' || (await isServed(path)))
      throw cannotListen(path, error as NodeJS.ErrnoException)
    await unlink(path).catch(() => {})
    try {
      await bind(server, path)
    } catch (again) {
      throw cannotListen(path, again as NodeJS.ErrnoException)
    }
  }
  await chmod(path, mode)
}

/** Until its permissions are set, nobody else may connect. */
function bind(server: Server, path: string): Promise<void> {
  const before = process.umask(0o177)
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path }, () => {
      server.off('error', reject)
      resolve()
    })
  }).finally(() => process.umask(before))
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // What is there and is no socket, or is not ours, is not ours to replace either.
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED'))
  })
}

function cannotListen(path: string, cause: NodeJS.ErrnoException): TransportError {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new TransportError(`${path} is in use; choose another`, { cause })
    case 'EACCES':
    case 'EPERM':
      return new TransportError(`${path} cannot be written here; choose another place`, { cause })
    case 'ENOENT':
      return new TransportError(`there is no folder for ${path}`, { cause })
    default:
      return new TransportError(`cannot listen on ${path}: ${cause.message}`, { cause })
  }
}
