/** npm's `autobahn`. */
import autobahn from 'autobahn'
import { measured } from './measured.js'

const connection = new autobahn.Connection({ url: process.argv[2], realm: 'realm1', max_retries: 0 })
connection.onopen = (session) =>
  measured({
    call: (procedure, payload) => session.call(procedure, [payload]),
    register: (procedure) => session.register(procedure, ([payload]) => payload),
    subscribe: (topic, onEvent) => session.subscribe(topic, onEvent),
  })
connection.open()
