// The compiler writes plain files; the command line has to be one that can be run.
import { chmodSync } from 'node:fs'

for (const file of process.argv.slice(2)) chmodSync(file, 0o755)
