import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ShellCommand } from '../../src/cli/shell-command.js'
import { ERROR } from '../../src/uris.js'

const never = new AbortController().signal

function node(program: string): string {
  return `"${process.execPath}" -e '${program}'`
}

describe('a shell command', () => {
  it('has the input on its stdin, and resolves to its stdout', async () => {
    await using command = new ShellCommand('cat; echo " done"', () => {})
    expect(await command.run('{"args":[1]}', never)).toBe('{"args":[1]} done\n')
  })

  it('need not read its input', async () => {
    await using command = new ShellCommand('echo hello', () => {})
    expect(await command.run('x'.repeat(1_000_000), never)).toBe('hello\n')
  })

  it('fails with the first line of its stderr, all of which is passed on', async () => {
    const told: string[] = []
    await using command = new ShellCommand('echo first >&2; echo second >&2; exit 3', (line) =>
      told.push(line),
    )
    await expect(command.run('', never)).rejects.toMatchObject({ uri: ERROR.runtimeError, args: ['first'] })
    expect(told.join('\n')).toBe('first\nsecond')
  })

  it('fails with its exit code, or the signal that killed it, where it says nothing', async () => {
    await using quiet = new ShellCommand('exit 3', () => {})
    await expect(quiet.run('', never)).rejects.toThrow('the command ended with exit code 3')
    await using killed = new ShellCommand('kill -KILL $$', () => {})
    await expect(killed.run('', never)).rejects.toThrow('the command ended with SIGKILL')
  })

  it('is killed, with what it started, when the call is canceled', async () => {
    const controller = new AbortController()
    // The shell waits for its child, which alone would hold stdout open for long.
    await using command = new ShellCommand(
      `${node('console.error("up"); setTimeout(() => {}, 60_000)')}; echo`,
      (line) => {
        if (line === 'up') controller.abort(new Error('enough'))
      },
    )
    await expect(command.run('', controller.signal)).rejects.toThrow(ERROR.runtimeError)
  })

  it('runs 16 times at once; further runs wait, and those nobody wants any more do not run', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wampkit-'))
    const gate = join(folder, 'gate')
    let begun = 0
    const waiting = `echo begun >&2; until [ -e ${gate} ]; do sleep 0.02; done`
    await using command = new ShellCommand(waiting, (lines) => {
      begun += lines.split('\n').length
      if (begun === 16) writeFileSync(gate, '')
      if (begun > 16 && !existsSync(gate)) throw new Error('there are more at once')
    })
    const runs = Array.from({ length: 18 }, () => command.run('', new AbortController().signal))
    const controller = new AbortController()
    const unwanted = command.run('', controller.signal)
    controller.abort(new Error('never mind'))
    await expect(unwanted).rejects.toThrow('never mind')
    await Promise.all(runs)
    expect(begun).toBe(18)
    rmSync(folder, { recursive: true })
  })

  it('is ended before it is disposed of', async () => {
    const command = new ShellCommand('sleep 60', () => {})
    const run = command.run('', never)
    const failed = expect(run).rejects.toThrow('the command ended with SIGTERM')
    await command[Symbol.asyncDispose]()
    await failed
  })
})
