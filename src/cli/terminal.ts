import type { Logger } from '../logger.js'

/** What a command has of the world around it: where it writes, what the environment says, when it is to stop. */
export interface Terminal {
  /** Writes a line, or several, of what was asked for: to stdout. */
  print(line: string): void
  /** Says something about it: to stderr. */
  tell(sentence: string): void
  /** Is what is printed for a person to read, rather than for a pipe? */
  readonly isInteractive: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The first line of stdin, or, at a terminal, the one that is typed behind `prompt`, unseen. */
  readLine(prompt: string): Promise<string>
  /** Calls `listener` whenever what was configured is to be read again: on SIGHUP. */
  onReload(listener: () => void): void
  /** Aborted, with an `Interruption`, when the command is to end. */
  readonly interruption: AbortSignal
}

/** What is wrong goes to stderr, a sentence each; all else is silent. */
export function terminalLogger(terminal: Terminal): Logger {
  const tell = (message: string, ...more: unknown[]) =>
    terminal.tell([message, ...more.map(sentenceOf)].join(': '))
  return { debug: () => {}, info: () => {}, warn: tell, error: tell }
}

/** Whatever was thrown, as one line. */
export function sentenceOf(thrown: unknown): string {
  return oneLine(thrown instanceof Error ? thrown.message || thrown.name : String(thrown))
}

/** The text without what would break a line, or move the cursor: parts of it may come from anybody. */
export function oneLine(text: string): string {
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
}
