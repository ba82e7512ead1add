/** The program of a page, and of a worker of it. */
import * as wampkit from './page.js'

Object.assign(globalThis, { wampkit })
