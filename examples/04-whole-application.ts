// A router and three clients in one process, in all four roles: callee, caller, publisher and subscriber.
//   npx tsx examples/04-whole-application.ts
import { Client, callee, currentInvocation, subscriber } from 'wampkit'
import { Router } from 'wampkit/router'

class Shop extends Client {
  @callee('com.shop.buy')
  async buy(item: string, { count = 1 } = {}) {
    for (let packed = 1; packed <= count; packed++) await this.publish('com.shop.packed', [item, packed])
    return `${count} × ${item}`
  }

  @callee('com.shop.count_down')
  *countDown(from: number) {
    const { signal } = currentInvocation()
    for (let left = from; left > 0 && !signal.aborted; left--) yield left
    return 'open'
  }
}

class Display extends Client {
  @subscriber('com.shop.packed')
  onPacked(item: string, number: number) {
    console.log(`packed ${item} number ${number}`)
  }
}

await using router = new Router({ realms: [{ name: 'shop' }] })
await using shop = await new Shop({ router, realm: 'shop' }).start()
await using _display = await new Display({ router, realm: 'shop' }).start()
await using customer = await new Client({ router, realm: 'shop' }).start()

for await (const left of customer.stream('com.shop.count_down', [3])) console.log(left)
console.log(await customer.call('com.shop.buy', ['apple'], { count: 2 }))
console.log(await customer.proxy<Shop>('com.shop.').buy('pear'))
console.log(`the shop is session ${shop.session === undefined ? 'none' : 'one of the realm'}`)
