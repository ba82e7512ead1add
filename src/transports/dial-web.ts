/** Dials a router where there is nothing but what the web has: by WebSocket. */
export { dialWebSocket as dial } from './websocket/dial-native.js'
