import { resolve } from 'node:path'
import { MessageChannel, Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import type { Router } from '../../src/router.js'
import { Heard } from '../features/waiting.js'
import type { Told, Way } from './program.js'

/** The program of the workers, from the sources. */
export async function bundledProgram(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [resolve(import.meta.dirname, 'program.ts')],
    bundle: true,
    // What a worker takes as text is CommonJS.
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    conditions: ['wampkit-source'],
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

/** A worker thread that joins by itself; disposing of it terminates it. */
export class Thread implements AsyncDisposable {
  /** The ids of the sessions that it has joined. */
  readonly joined = new Heard<number>()
  readonly exited: Promise<number>
  /** The error that nobody in the worker has caught. */
  readonly error: Promise<Error>

  private constructor(readonly worker: Worker) {
    worker.on('message', (told: Told) => {
      if (told !== 'a port, please') this.joined.add(told.joined)
    })
    this.exited = new Promise((resolve) => worker.once('exit', resolve))
    this.error = new Promise((resolve) => worker.once('error', resolve))
  }

  static joining(program: string, url: string): Thread {
    return new Thread(new Worker(program, { eval: true, workerData: { url } satisfies Way }))
  }

  /** Joins over a port whose other end is given to the router. */
  static joiningByPort(program: string, router: Router): Thread {
    const { port1, port2 } = new MessageChannel()
    router.accept(port1)
    const workerData: Way = { port: port2 }
    return new Thread(new Worker(program, { eval: true, workerData, transferList: [port2] }))
  }

  /** Joins over a port each time that it asks for one; `router` tells which router that is by then. */
  static joiningByPorts(program: string, router: () => Router): Thread {
    const worker = new Worker(program, { eval: true, workerData: 'ports' satisfies Way })
    worker.on('message', (told: Told) => {
      if (told !== 'a port, please') return
      const { port1, port2 } = new MessageChannel()
      router().accept(port1)
      worker.postMessage(port2, [port2])
    })
    return new Thread(worker)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker.terminate()
  }
}
