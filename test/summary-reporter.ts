import type { Reporter, TestModule } from 'vitest/node'

/** Ends a run with one line that counts: `N passed, N failed, N skipped`. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandled.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      let tests = 0
      for (const test of module.children.allTests()) {
        count[test.result().state]++
        tests++
      }
      // A file that could not be loaded has no tests to fail.
      if (tests === 0 && module.state() === 'failed') count.failed++
    }
    const skipped = count.skipped + count.pending
    process.once('exit', () => {
      process.stdout.write(`\n${count.passed} passed, ${count.failed} failed, ${skipped} skipped\n`)
    })
  }
}
