// A caller that keeps to the contract, and one in JavaScript that knows of none: the border holds for both.
//   npx tsx examples/10-contracts/main.ts
import { ApplicationError, Client } from 'wampkit'
import { Router } from 'wampkit/router'
import * as contract from './contract.js'
import { WeatherService } from './service.js'

await using router = new Router({ realms: [{ name: 'realm1' }] })
await using service = await new WeatherService({ router, realm: 'realm1' }).start()
await using client = await new Client({ router, realm: 'realm1' }).start()
await client.subscribe(contract.weather, ({ place, celsius }) => console.log(place, 'has', celsius))

const remote = client.proxy(contract)
await remote.report({ place: 'bern', celsius: 21 })
console.log(await remote.report({ place: 'oslo', celsius: 9 }), 'reports')
for await (const { place } of client.stream(contract.warmest, [1])) console.log('warmest:', place)

try {
  await remote.report({ place: 'atlantis', celsius: 4 })
} catch (error) {
  if (!contract.report.isError(error, 'com.example.weather.unknown_place')) throw error
  console.log('nobody knows', error.args[0])
}

try {
  await client.call('com.example.weather.report', [{ place: 'rome', celsius: 'warm' }])
} catch (error) {
  if (error instanceof ApplicationError) console.log(error.uri, error.kwargs.path)
}
void service
