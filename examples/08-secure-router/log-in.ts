// Logs in to the router of router.yaml by each method, and is refused what the roles do not allow.
//   npx tsx examples/08-secure-router/log-in.ts
import { ApplicationError, Client, SessionClosedError, scram, ticket, wampcra } from 'wampkit'

const url = process.env.WAMPKIT_URL ?? 'ws://127.0.0.1:8080'
const realm = 'realm1'

const ada = await new Client({
  url,
  realm,
  auth: [scram({ authid: 'ada', password: 'correct horse battery staple' })],
}).start()
await ada.subscribe('com.example.sensor.', (celsius) => console.log('ada hears', celsius), {
  match: 'prefix',
})

const auth = [wampcra({ authid: 'sensor7', secret: 'sensor secret' })]
const sensor = await new Client({ url, realm, auth }).start()
await sensor.publish('com.example.sensor.7', [21.5], {}, { acknowledge: true })

const refusal = (error: unknown) => (error instanceof ApplicationError ? error.uri : String(error))
console.log('sensor7 may not call:', await sensor.call('com.example.reset').catch(refusal))
console.log('ada may not end all:', await ada.meta.session.killAll().catch(refusal))

const guess = new Client({ url, realm, auth: [ticket({ authid: 'backend', ticket: 'a guess' })] })
await guess
  .start()
  .catch((error) => console.log('a guess:', error instanceof SessionClosedError && error.reason))

await sensor.stop()
await ada.stop()
