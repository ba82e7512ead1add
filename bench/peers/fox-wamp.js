/** npm's `fox-wamp`, with everything in memory. */
import FoxRouter from 'fox-wamp'
import { answering } from './answering.js'

const router = new FoxRouter()
router.getRealm('realm1', () => {
  const server = router.listenWAMP({ host: '127.0.0.1', port: 0 })
  server.on('listening', () => answering(server.address()))
})
