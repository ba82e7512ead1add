// A router, and a service in a thread of its own: while that computes, everybody else goes on.
//   node examples/09-worker/main.js
import { once } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'
import { Client } from 'wampkit'
import { Router } from 'wampkit/router'

const router = new Router({ realms: [{ name: 'realm1' }] })
const client = await new Client({ router, realm: 'realm1' }).start()

const { port1, port2 } = new MessageChannel()
router.accept(port1)
const worker = new Worker(new URL('worker.js', import.meta.url), {
  workerData: { port: port2 },
  transferList: [port2],
})
console.log(...(await once(worker, 'message')))

const counting = client.call('com.example.primes.count', [5_000_000])
let rounds = 0
const meanwhile = setInterval(() => rounds++, 1)
console.log(await counting, 'primes,', rounds > 0 ? 'and nobody had to wait' : 'and everybody had to wait')
clearInterval(meanwhile)

// The router sees that the thread is gone: its session ends, and what it served with it.
const left = client.call('com.example.primes.count', [100_000_000]).catch((error) => error.uri)
await worker.terminate()
console.log(await left)
await client.stop()
await router.close()
