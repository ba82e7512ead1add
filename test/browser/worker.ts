/** A Web Worker whose client is told by a message where its router is. */
import { at, PageService } from './page.js'

addEventListener('message', async ({ data }) => {
  const client = await new PageService(at(data)).start()
  postMessage(client.session?.id)
})
