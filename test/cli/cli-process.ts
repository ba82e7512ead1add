import { type ChildProcess, spawn } from 'node:child_process'

/** `wampkit` as a process of its own. */
export class CliProcess implements AsyncDisposable {
  stdout = ''
  stderr = ''
  /** The exit code, when it has ended and all its output is here. */
  readonly exited: Promise<number | null>
  readonly #child: ChildProcess
  #ended = false
  #wake = () => {}

  constructor(args: readonly string[], cwd: string) {
    const { WAMPKIT_URL, WAMPKIT_REALM, NODE_OPTIONS, ...env } = process.env
    this.#child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
      this.#wake()
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
      this.#wake()
    })
    this.exited = new Promise((resolve) => {
      this.#child.on('close', (code) => {
        this.#ended = true
        this.#wake()
        resolve(code)
      })
    })
  }

  /** The first match in what was written so far, or will be. */
  async output(pattern: RegExp): Promise<string> {
    for (;;) {
      const [found] = pattern.exec(`${this.stdout}\n${this.stderr}`) ?? []
      if (found !== undefined) return found
      if (this.#ended) throw new Error(`it ended without ${pattern}: ${this.stdout}${this.stderr}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  signal(name: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void {
    this.#child.kill(name)
  }

  /** Reads no more of its stdout. */
  hangUp(): void {
    this.#child.stdout?.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }
}
