/** What runs in a worker thread: a client that serves, and joins the way that it is told. */
import { type MessagePort, parentPort, threadId, workerData } from 'node:worker_threads'
import { Client, callee, currentEvent, currentInvocation, subscriber } from 'wampkit'
import { messagePort } from 'wampkit/transports/message-port'

/** How the client joins: by a URL, over a port, or over ports that it asks for, one for each session. */
export type Way = { readonly url: string } | { readonly port: MessagePort } | 'ports'

/** What a worker tells the main thread. */
export type Told = { readonly joined: number } | 'a port, please'

function tell(told: Told): void {
  parentPort?.postMessage(told)
}

class WorkerService extends Client {
  readonly heard: unknown[] = []

  @callee('com.example.worker.thread')
  thread(...args: unknown[]) {
    return { threadId, procedure: currentInvocation().procedure, args }
  }

  @callee('com.example.worker.count')
  async *count(to: number) {
    for (let i = 1; i < to; i++) yield i
    return to
  }

  /** Ends when its caller has had enough. */
  @callee('com.example.worker.wait')
  async wait() {
    const invocation = currentInvocation()
    const { signal } = invocation
    invocation.progress('begun')
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    this.heard.push('aborted')
    signal.throwIfAborted()
  }

  @callee('com.example.worker.heard')
  whatWasHeard() {
    return this.heard
  }

  @callee('com.example.worker.ask')
  ask(procedure: string, ...args: unknown[]) {
    return this.call(procedure, args)
  }

  @callee('com.example.worker.crash')
  crash() {
    setImmediate(() => {
      throw new Error('a crash')
    })
  }

  @callee('com.example.worker.leave')
  leave() {
    setImmediate(() => void this.stop())
  }

  @subscriber('com.example.news.', { match: 'prefix' })
  onNews(...event: unknown[]) {
    this.heard.push([currentEvent().topic, ...event])
  }
}

/** Asks the main thread for a port. */
function nextPort(): Promise<MessagePort> {
  return new Promise((resolve) => {
    parentPort?.once('message', resolve)
    tell('a port, please')
  })
}

const way = workerData as Way
const connecting =
  way === 'ports'
    ? { transport: messagePort(nextPort), reconnect: { initialDelay: 10 } }
    : 'url' in way
      ? way
      : { transport: messagePort(way.port) }
const service = new WorkerService({ ...connecting, realm: 'realm1' })
service.on('join', ({ id }) => tell({ joined: id }))
void service.start()
