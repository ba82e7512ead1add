import { playOver } from './play-over.js'
import { TRANSPORTS } from './table.js'

playOver(TRANSPORTS.filter(({ id }) => id.startsWith('ws')))
