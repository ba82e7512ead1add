import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')

describe('the test kit in node:test', () => {
  it('needs nothing of Vitest, and lets the process end', async () => {
    const program = 'test/testing/node-test-program.ts'
    const args = ['--conditions=wampkit-source', '--import', 'tsx', '--test', '--test-reporter=tap', program]
    // Within a test of its own kind, Node's runner would report to the one above.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env })
    expect(stdout).toMatch(/^# pass 2$/m)
    expect(stdout).toMatch(/^# fail 0$/m)
  })
})
