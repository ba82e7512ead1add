import { afterAll, beforeAll } from 'vitest'
import { checkLibrary } from './checks.js'
import { autobahnJsByLongPoll } from './peers/autobahn-js.js'
import { XmlHttpRequest } from './peers/xml-http-request.js'
import { testRouter, timedRouter } from './router.js'

beforeAll(() => void Object.assign(globalThis, { XMLHttpRequest: XmlHttpRequest }))
afterAll(() => void Reflect.deleteProperty(globalThis, 'XMLHttpRequest'))

const longPoll = { doneStatus: 204 } as const
const router = testRouter({}, { port: 0, longPoll })
// Its time passes by the minute, between two requests.
const timed = timedRouter({}, { port: 0, longPoll: { ...longPoll, idleTimeout: 2 ** 40 } })

checkLibrary(router, timed, { library: autobahnJsByLongPoll, serializer: 'json' })
