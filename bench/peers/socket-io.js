/** socket.io as a relay: an event that is called `call` is passed to the callee, with its acknowledgement; one room for subscribers. */
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { answering } from './answering.js'

const http = createServer()
const io = new Server(http, {
  transports: ['websocket'],
  serveClient: false,
  // No pings while we measure.
  pingInterval: 600_000,
})
let callee

io.on('connection', (socket) => {
  socket.on('register', (done) => {
    callee = socket
    done()
  })
  socket.on('call', (payload, answer) => callee.emit('call', payload, answer))
  socket.on('subscribe', (done) => {
    socket.join('topic')
    done()
  })
  socket.on('publish', (payload) => io.to('topic').emit('event', payload))
})
http.listen(0, '127.0.0.1', () => answering(http.address()))
