/**
 * The floor: frames are told apart, and what has come at once is passed on as it is in one write. A first line says who a
 * connection is.
 */
import { createServer } from 'node:net'
import { answering } from './answering.js'

const HEADER = 4

let callee
const waiting = []
const subscribers = []

/** Counts the whole frames in `chunk`, and says where they end. */
function framesOf(chunk) {
  let frames = 0
  let at = 0
  while (chunk.length - at >= HEADER) {
    const next = at + HEADER + chunk.readUIntBE(at + 1, 3)
    if (next > chunk.length) break
    at = next
    frames++
  }
  return { frames, end: at }
}

/** Hands the frames of a reply to those who wait for them; in one piece where that is one and the same. */
function answer(octets) {
  if (waiting.every(({ caller }) => caller === waiting[0].caller)) {
    const { frames } = framesOf(octets)
    waiting[0].caller.write(octets)
    for (let left = frames; left > 0; ) {
      const taken = Math.min(left, waiting[0].calls)
      waiting[0].calls -= taken
      left -= taken
      if (waiting[0].calls === 0) waiting.shift()
    }
    return
  }
  for (let at = 0; at < octets.length; ) {
    const end = at + HEADER + octets.readUIntBE(at + 1, 3)
    waiting[0].caller.write(octets.subarray(at, end))
    if (--waiting[0].calls === 0) waiting.shift()
    at = end
  }
}

const roles = {
  '/caller': (caller) => (octets, calls) => {
    waiting.push({ caller, calls })
    callee.write(octets)
  },
  '/callee': (socket) => {
    callee = socket
    return answer
  },
  '/publisher': () => (octets) => {
    for (const subscriber of subscribers) subscriber.write(octets)
  },
  '/subscriber': (socket) => {
    subscribers.push(socket)
    return () => {}
  },
}

const server = createServer({ noDelay: true }, (socket) => {
  let rest
  let pass
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    let octets = rest === undefined ? chunk : Buffer.concat([rest, chunk])
    rest = undefined
    if (pass === undefined) {
      const end = octets.indexOf(0x0a)
      pass = roles[octets.latin1Slice(0, end)](socket)
      octets = octets.subarray(end + 1)
    }
    const { frames, end } = framesOf(octets)
    if (end < octets.length) rest = octets.subarray(end)
    if (frames > 0) pass(octets.subarray(0, end), frames)
  })
})
server.listen(0, '127.0.0.1', () => answering(server.address()))
