// Vite does not lower standard decorators by itself; with `experimentalDecorators` it would, and this file is not needed.
import { defineConfig } from 'vitest/config'
import { lowerDecorators } from 'wampkit/vite'

export default defineConfig({ plugins: [lowerDecorators()] })
