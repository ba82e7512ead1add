import { checkLibrary, checkTogether } from './checks.js'
import { autobahnJs } from './peers/autobahn-js.js'
import { wampyJs } from './peers/wampy-js.js'
import { testRouter } from './router.js'

const router = testRouter()

for (const serializer of autobahnJs.serializers) checkLibrary(router, { library: autobahnJs, serializer })

for (const [mine, other] of [
  ['json', 'msgpack'],
  ['msgpack', 'cbor'],
  ['cbor', 'json'],
] as const)
  checkTogether(router, { library: autobahnJs, serializer: mine }, { library: wampyJs, serializer: other })
