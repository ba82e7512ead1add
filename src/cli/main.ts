#!/usr/bin/env node
import { ProcessTerminal } from './process-terminal.js'
import { runProgram } from './program.js'

const terminal = new ProcessTerminal()
await terminal.exit(await runProgram(process.argv.slice(2), terminal))
