/**
 * Puts what was measured into `docs/performance.md`: the tables of the newest run, its picture, what came of the targets in all
 * runs, and the profiles.
 *
 *     npx tsx bench/write-docs.ts                    all whole runs in bench/results
 *     npx tsx bench/write-docs.ts run1.json run2.json
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { SelfTime } from './profiling/cpu-profile.js'
import { blocksFilled, markdownTable } from './report/markdown.js'
import { picture } from './report/picture.js'
import type { Results } from './report/results.js'
import { closingNotes, figure, tableOf } from './report/text.js'

const DOCS = resolve(import.meta.dirname, '../docs')
const RESULTS = join(import.meta.dirname, 'results')
const SHOWN = 15

/** What is no number is null in JSON. */
const read = (file: string): unknown =>
  JSON.parse(readFileSync(file, 'utf8'), (_, value: unknown) => (value === null ? Number.NaN : value))

function wholeRuns(): string[] {
  const names = existsSync(RESULTS) ? readdirSync(RESULTS) : []
  return names.filter((name) => /^\d.*\.json$/.test(name)).map((name) => join(RESULTS, name))
}

function targetsTable(runs: readonly Results[]): string {
  const newest = runs.at(-1)?.targets ?? []
  const rows = newest.map(({ target, limit }) => {
    const each = runs.map(({ targets }) => targets.find((one) => one.target === target))
    const verdicts = each.map((one) => one?.verdict ?? 'not measured')
    const same = verdicts.every((verdict) => verdict === verdicts[0])
    return [
      target,
      figure(limit),
      each.map((one) => figure(one?.value ?? Number.NaN)).join(', '),
      same ? (verdicts[0] ?? '') : verdicts.join(', '),
    ]
  })
  const measured = runs.length === 1 ? 'measured' : `measured, in ${runs.length} runs`
  return markdownTable([['target', 'at most', measured, ''], ...rows])
}

function profileTable(scenario: string): string {
  const file = join(RESULTS, `profile-${scenario}.json`)
  if (!existsSync(file)) return `Not profiled yet: \`npm run bench:profile -- ${scenario}\`.`
  const { functions } = read(file) as { functions: SelfTime[] }
  const rows = functions
    .slice(0, SHOWN)
    .map(({ name, share }) => [`\`${name.replace(/ {2}/, ' ')}\``, `${(share * 100).toFixed(1)} %`])
  return markdownTable([['function', 'self'], ...rows])
}

const given = process.argv.slice(2)
const runs = (given.length > 0 ? given : wholeRuns())
  .map((file) => read(file) as Results)
  .filter(({ quick }) => given.length > 0 || !quick)
  .sort((a, b) => a.when.localeCompare(b.when))
const newest = runs.at(-1)
if (newest === undefined) {
  process.stderr.write('there is no whole run in bench/results: npm run bench\n')
  process.exit(2)
}

const page = join(DOCS, 'performance.md')
const tables = newest.scenarios.map((result) => {
  const { head, rows } = tableOf(result)
  return `**${result.title}**\n\n${markdownTable([head, ...rows])}`
})
const blocks = {
  targets: () => targetsTable(runs),
  picture: () => '![CPU time for a message, as a multiple of a plain ws relay](performance.svg)',
  results: () => `${closingNotes(newest).join('\n')}\n\n${tables.join('\n\n')}`,
  profile: profileTable,
}
writeFileSync(join(DOCS, 'performance.svg'), picture(newest.scenarios))
writeFileSync(page, blocksFilled(readFileSync(page, 'utf8'), blocks))
process.stdout.write(`${page}: ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}\n`)
