import { existsSync } from 'node:fs'
import { chmod, lstat, unlink } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import { dirname } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { TransportError } from '../../../errors.js'

/**
 * Listens on a Unix socket. A socket that a router has left behind which was killed is replaced; one that somebody listens
 * on is not, and nor is anything that is no socket.
 *
 * @param mode its permissions.
 * @throws TransportError if the path cannot be had.
 */
export async function listenOnUnix(server: Server, path: string, mode: number): Promise<void> {
  try {
    await bind(server, path)
  } catch (error) {
    await removeStale(path, error as NodeJS.ErrnoException)
    await bind(server, path).catch((again: NodeJS.ErrnoException) => {
      throw cannotListen(path, again)
    })
  }
  try {
    await chmod(path, mode)
  } catch (error) {
    server.close()
    throw cannotListen(path, error as NodeJS.ErrnoException)
  }
}

function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => {
      server.off('listening', done)
      reject(cause)
    }
    const done = () => {
      server.off('error', fail)
      resolve()
    }
    server.once('error', fail)
    server.once('listening', done)
    ownerOnly(() => server.listen({ path }))
  })
}

/** Nobody else may connect before the permissions are set. */
function ownerOnly(create: () => void): void {
  // The mask is of the whole process, and a worker may not set it.
  if (!isMainThread) return create()
  const before = process.umask(0o177)
  try {
    create()
  } finally {
    process.umask(before)
  }
}

/** @throws TransportError if what is at the path is not ours to remove. */
async function removeStale(path: string, cause: NodeJS.ErrnoException): Promise<void> {
  if (cause.code !== 'EADDRINUSE') throw cannotListen(path, cause)
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  if (!found.isSocket())
    throw new TransportError(`${path} is there, and is no socket; choose another`, { cause })
  if (await isServed(path)) throw cannotListen(path, cause)
  await unlink(path).catch(() => {})
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // One that we may not even ask is not ours to replace.
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    )
  })
}

function cannotListen(path: string, cause: NodeJS.ErrnoException): TransportError {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new TransportError(`${path} is in use; choose another`, { cause })
    case 'EACCES':
    case 'EPERM':
      // What is not there, libuv calls forbidden.
      return new TransportError(
        existsSync(dirname(path))
          ? `${path} cannot be written here; choose another place`
          : `there is no folder for ${path}`,
        { cause },
      )
    default:
      return new TransportError(`cannot listen on ${path}: ${cause.message}`, { cause })
  }
}
