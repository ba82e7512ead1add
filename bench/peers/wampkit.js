/** Our router, as it was built. */
import { Router } from '../../dist/router.js'
import { answering } from './answering.js'

const router = new Router({
  realms: [{ name: 'realm1' }],
  sessionLimits: { registrations: Number.POSITIVE_INFINITY, subscriptions: Number.POSITIVE_INFINITY },
})
await router.listen({ port: 0 })
answering({ port: Number(new URL(router.urls[0]).port) })
