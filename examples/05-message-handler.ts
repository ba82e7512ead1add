// The plug of the protocol: a message handler that logs and counts every message, and leaves the rest to its parent.
//   npx tsx examples/05-message-handler.ts
import { Client, callee, MessageHandler } from 'wampkit'
import type { Invocation, Message } from 'wampkit/protocol'
import { Router } from 'wampkit/router'

class CountingHandler extends MessageHandler {
  static readonly counts = new Map<string, number>()

  override handleMessage(message: Message) {
    const name = message.constructor.name
    CountingHandler.counts.set(name, (CountingHandler.counts.get(name) ?? 0) + 1)
    return super.handleMessage(message)
  }

  override handleInvocation(invocation: Invocation) {
    console.log(`invocation ${invocation.requestId} with`, invocation.payload.args)
    return super.handleInvocation(invocation)
  }
}

class Adder extends Client {
  @callee('com.example.add')
  add(a: number, b: number) {
    return a + b
  }
}

await using router = new Router({ realms: [{ name: 'realm1' }] })
await using _adder = await new Adder({ router, realm: 'realm1', messageHandler: CountingHandler }).start()
await using client = await new Client({ router, realm: 'realm1' }).start()

console.log(await client.call('com.example.add', [2, 3]))
console.log(await client.call('com.example.add', [20, 30]))
console.log(Object.fromEntries(CountingHandler.counts))
