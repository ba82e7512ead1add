/** Our client, as it was built. */
import { Client } from '../../dist/index.js'
import { measured } from './measured.js'

const client = await new Client({ url: process.argv[2], realm: 'realm1' }).start()
measured({
  call: (procedure, payload) => client.call(procedure, [payload]),
  register: (procedure) => client.register(procedure, (payload) => payload),
  subscribe: (topic, onEvent) => client.subscribe(topic, onEvent),
})
