// What runs in the thread: a client like any other, that joins over the port it was given.
import { parentPort, workerData } from 'node:worker_threads'
import { Client } from 'wampkit'
import { messagePort } from 'wampkit/transports/message-port'

function countPrimes(below) {
  const isComposite = new Uint8Array(below)
  let count = 0
  for (let i = 2; i < below; i++) {
    if (isComposite[i]) continue
    count++
    for (let multiple = i * i; multiple < below; multiple += i) isComposite[multiple] = 1
  }
  return count
}

const client = await new Client({ transport: messagePort(workerData.port), realm: 'realm1' }).start()
await client.register('com.example.primes.count', countPrimes)
parentPort.postMessage('the worker serves')
