import { median } from '../measuring/median.js'
import { ratio } from '../measuring/windows.js'
import type { Results, ScenarioResult, TargetResult } from './results.js'

type Cells = readonly string[]

/** Three digits that count, and no more. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (value >= 1000) return Math.round(value).toLocaleString('en')
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/** The columns of a scenario, and a row for each of its own. The first column names it. */
export function tableOf(result: ScenarioResult): { head: Cells; rows: readonly Cells[] } {
  if (result.kind === 'values') {
    return {
      head: ['', ...result.columns],
      rows: result.rows.map(({ label, values, failure }) => [
        label,
        ...(failure ? [failure] : values.map(figure)),
      ]),
    }
  }
  const base = result.rows.find(({ label }) => label === result.baseline)?.cpu ?? []
  const isTimed = result.rows.some(({ p50 }) => Number.isFinite(median(p50)))
  return {
    head: [
      '',
      `CPU µs/${result.unit}`,
      `of ${result.baseline}`,
      `${result.unit}s/s`,
      ...(isTimed ? ['p50 µs', 'p99 µs'] : []),
      'generator',
    ],
    rows: result.rows.map((row) => {
      if (row.failure !== undefined) return [row.label, `failed: ${row.failure}`]
      return [
        row.label,
        figure(median(row.cpu)),
        figure(ratio(row.cpu, base)),
        figure(row.perSecond),
        ...(isTimed ? [figure(median(row.p50)), figure(median(row.p99))] : []),
        `${Math.round(row.generator * 100)} %`,
      ]
    }),
  }
}

/**
 * Columns under each other: the first one to the left, all others to the right. A row with fewer cells than the first one
 * ends with a sentence.
 */
export function aligned(rows: readonly Cells[]): string {
  const figures = rows.filter(({ length }) => length === rows[0]?.length)
  const widths = (figures[0] ?? []).map((_, column) =>
    Math.max(...(column === 0 ? rows : figures).map((cells) => cells[column]?.length ?? 0)),
  )
  return rows
    .map((cells) =>
      cells
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export function scenarioText(result: ScenarioResult): string {
  const { head, rows } = tableOf(result)
  return `${result.title}  (${result.id})\n${aligned([head, ...rows])}\n`
}

/** The columns of targets, and a row for each. */
export function targetRows(targets: readonly TargetResult[]): readonly Cells[] {
  return [
    ['target', 'at most', 'measured', ''],
    ...targets.map(({ target, limit, value, verdict }) => [
      target,
      figure(limit),
      value === undefined ? '–' : figure(value),
      verdict,
    ]),
  ]
}

/** How it was measured, and what was not. */
export function closingNotes({ leftOut, machine, windows }: Results): string[] {
  const { node, cpu, cores, bound, bufferutil } = machine
  return [
    `Node ${node}, ${cpu}, ${cores} cores; ${bound ? 'what is measured has a core of its own' : 'processes are not bound to cores'}.`,
    `Medians of ${windows.rounds} windows of ${windows.window} ms, taken in turns. CPU is that of the measured process.`,
    `\`ws\` unmasks ${bufferutil ? 'in native code (bufferutil)' : 'in JavaScript: there is no bufferutil'}.`,
    ...leftOut.map((what) => `Left out: ${what}.`),
  ]
}

/** What stands below the tables. */
export function closingText(results: Results): string {
  const { targets } = results
  const judged = targets.length === 0 ? '' : `${aligned(targetRows(targets))}\n\n`
  return `${judged}${closingNotes(results).join('\n')}\n`
}
