import type { Client } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { joinedClient } from '../spec/raw-router.js'

export const PROCEDURE = 'com.example.p'

/** A call under way at a scripted router. */
export async function calling(
  options: Parameters<Client['call']>[3] = {},
  client: Parameters<typeof joinedClient>[0] = {},
) {
  const joined = await joinedClient(client)
  const settled = joined.client.call(PROCEDURE, [1], undefined, options).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  const { requestId, options: sent } = await joined.router.hears(Code.CALL)
  return { ...joined, settled, requestId, sent }
}
