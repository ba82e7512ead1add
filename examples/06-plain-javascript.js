// No TypeScript, no decorators.
//   node examples/06-plain-javascript.js
import { Client } from 'wampkit'
import { Router } from 'wampkit/router'

const router = await new Router({ realms: [{ name: 'realm1' }] }).listen({ port: 0 })
const [url] = router.urls

const service = await new Client({ url, realm: 'realm1' }).start()
await service.register('com.example.greet', (name, { greeting = 'Hello' } = {}) => `${greeting}, ${name}!`)

const client = await new Client({ url, realm: 'realm1' }).start()
const subscription = await client.subscribe('com.example.news', (headline) => console.log('news:', headline))

console.log(await client.call('com.example.greet', ['Ada']))
console.log(await client.call('com.example.greet', ['Ada'], { greeting: 'Good morning' }))
await service.publish('com.example.news', ['WAMP works'], undefined, { acknowledge: true })
await client.call('com.example.greet', ['Bob'])

await subscription.unsubscribe()
await client.stop()
await service.stop()
await router.close()
