import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BUNDLERS, type BundlerName } from '../../scripts/bundle-size.js'
import type { Stage } from './stage.js'

const ROOT = resolve(import.meta.dirname, '../..')
const isBuilt = existsSync(join(ROOT, 'dist/index.js'))

/** The package, as it is published, in programs that bundlers make without configuration: needs `npm run build`. */
export function bundlersSuite(stage: () => Stage): void {
  describe.skipIf(!isBuilt && !process.env.CI)('bundled without configuration', () => {
    let project = ''
    beforeAll(() => {
      project = mkdtempSync(join(tmpdir(), 'wampkit-page-'))
      mkdirSync(join(project, 'node_modules'))
      symlinkSync(ROOT, join(project, 'node_modules/wampkit'))
      writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module', private: true }))
    })
    afterAll(() => rmSync(project, { recursive: true, force: true }))

    it.each(Object.keys(BUNDLERS) as BundlerName[])('by %s joins and calls', async (bundler) => {
      await using scene = await stage().scene()
      const node = await scene.join()
      await node.register('com.example.add', (a: number, b: number) => a + b)
      const program = `import { Client } from 'wampkit'
        const client = await new Client({ url: '${scene.webSocket.url}', realm: 'realm1' }).start()
        globalThis.sum = await client.call('com.example.add', [2, 3])`
      writeFileSync(join(project, 'program.js'), program)
      const chunks = await BUNDLERS[bundler](project, 'program.js')
      const entry = chunks.find(({ isEntry }) => isEntry)
      expect(entry?.imports).toEqual([])
      await scene.page.addScriptTag({ type: 'module', content: entry?.code ?? '' })
      const sum = await scene.page.waitForFunction(() =>
        Object.entries(globalThis).find(([name]) => name === 'sum'),
      )
      expect(await sum.jsonValue()).toEqual(['sum', 5])
    })
  })
}
