/** npm's `wampy`. */
import { Wampy } from 'wampy'
import { WebSocket } from 'ws'
import { measured } from './measured.js'

const wampy = new Wampy(process.argv[2], { realm: 'realm1', ws: WebSocket, autoReconnect: false })
await wampy.connect()
measured({
  call: (procedure, payload) => wampy.call(procedure, [payload]),
  register: (procedure) => wampy.register(procedure, ({ argsList }) => ({ argsList })),
  subscribe: (topic, onEvent) => wampy.subscribe(topic, onEvent),
})
