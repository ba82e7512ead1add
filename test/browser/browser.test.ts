import { afterAll, beforeAll, describe } from 'vitest'
import { bundlersSuite } from './bundlers-suite.js'
import { connectionsSuite } from './connections-suite.js'
import { decoratorsSuite } from './decorators-suite.js'
import { logInSuite } from './log-in-suite.js'
import { pubsubSuite } from './pubsub-suite.js'
import { rpcSuite } from './rpc-suite.js'
import { noBrowser, Stage } from './stage.js'
import { webWorkerSuite } from './web-worker-suite.js'

describe.skipIf(noBrowser !== undefined)(`a client in a browser${noBrowser ? ` (${noBrowser})` : ''}`, () => {
  let open: Stage | undefined
  const stage = () => open as Stage
  beforeAll(async () => {
    open = await Stage.open()
  }, 60_000)
  afterAll(() => open?.[Symbol.asyncDispose]())

  describe.each([
    ['over WebSocket', 'webSocket'],
    ['over long-poll, from another origin', 'longPoll'],
  ] as const)('%s', (_, way) => {
    rpcSuite(stage, way)
    pubsubSuite(stage, way)
  })
  decoratorsSuite(stage)
  logInSuite(stage)
  connectionsSuite(stage)
  webWorkerSuite(stage)
  bundlersSuite(stage)
})
