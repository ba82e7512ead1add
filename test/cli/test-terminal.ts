import { type Interrupter, Interruption } from '../../src/cli/interruption.js'
import { runProgram } from '../../src/cli/program.js'
import type { Terminal } from '../../src/cli/terminal.js'

/** A terminal whose user is a test. */
export class TestTerminal implements Terminal {
  readonly printed: string[] = []
  readonly told: string[] = []
  readonly environment: Record<string, string | undefined> = {}
  isInteractive = false
  /** What stands on stdin. */
  input = ''
  #reload = () => {}
  readonly #interruption = new AbortController()
  #wake = () => {}

  get interruption(): AbortSignal {
    return this.#interruption.signal
  }

  print(line: string): void {
    this.printed.push(...line.split('\n'))
    this.#wake()
  }

  tell(sentence: string): void {
    this.told.push(...sentence.split('\n'))
    this.#wake()
  }

  async readLine(): Promise<string> {
    return this.input.split('\n')[0] ?? ''
  }

  onReload(listener: () => void): void {
    this.#reload = listener
  }

  reload(): void {
    this.#reload()
  }

  interrupt(by: Interrupter = 'SIGINT'): void {
    this.#interruption.abort(new Interruption(by))
  }

  /** The first line, printed or told, that matches. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = [...this.printed, ...this.told].find((line) => pattern.test(line))
      if (found !== undefined) return found
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

/** Runs a command to its end: what it printed, what it told, and its exit code. */
export async function wampkit(
  args: readonly string[],
  {
    environment = {},
    isInteractive = false,
    input = '',
  }: Partial<Pick<Terminal, 'environment' | 'isInteractive'>> & { input?: string } = {},
): Promise<{ code: number; printed: string[]; told: string[] }> {
  const terminal = Object.assign(new TestTerminal(), { isInteractive, input })
  Object.assign(terminal.environment, environment)
  const code = await runProgram(args, terminal)
  return { code, printed: terminal.printed, told: terminal.told }
}

/** Starts a command that runs until it is interrupted. */
export function started(args: readonly string[]): { terminal: TestTerminal; ended: Promise<number> } {
  const terminal = new TestTerminal()
  return { terminal, ended: runProgram(args, terminal) }
}
