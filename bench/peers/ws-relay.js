/**
 * What `ws` costs by itself: messages are passed on as they are, to the callee, back to the callers in the order in which they
 * called, and to all subscribers. The path says who a connection is. UTF-8 is not checked.
 */
// The very copy that the router uses, and not that of the other peers.
import { WebSocketServer } from '../../node_modules/ws/wrapper.mjs'
import { answering } from './answering.js'

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  skipUTF8Validation: true,
  handleProtocols: ([first]) => first,
})
let callee
const waiting = []
const subscribers = []

const roles = {
  '/caller': (caller) => (message, binary) => {
    waiting.push(caller)
    callee.send(message, { binary })
  },
  '/callee': (connection) => {
    callee = connection
    return (message, binary) => waiting.shift().send(message, { binary })
  },
  '/publisher': () => (message, binary) => {
    for (const subscriber of subscribers) subscriber.send(message, { binary })
  },
  '/subscriber': (connection) => {
    subscribers.push(connection)
    return () => {}
  },
}

server.on('connection', (connection, { url }) => {
  connection.on('message', roles[url](connection))
  connection.on('error', () => {})
})
server.on('listening', () => answering(server.address()))
