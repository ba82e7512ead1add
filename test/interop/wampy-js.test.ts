import { checkLibrary } from './checks.js'
import { wampyJs } from './peers/wampy-js.js'
import { testRouter } from './router.js'

const router = testRouter()

for (const serializer of wampyJs.serializers) checkLibrary(router, { library: wampyJs, serializer })
