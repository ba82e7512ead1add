/** What this package calls itself in HELLO and WELCOME; a test holds the version to that of package.json. */
export const VERSION = '0.1.0'
export const AGENT = `wampkit-${VERSION}`
