interface Node<T> {
  /** Made when there is one: most nodes of a long pattern have none. */
  literals: Map<string, Node<T>> | undefined
  wildcard: Node<T> | undefined
  value: T | undefined
}

/** The patterns of one number of components. */
interface Tree<T> {
  readonly root: Node<T>
  /** How many patterns have their wildcards in the same places. */
  readonly shapes: Map<string, number>
}

/**
 * The most nodes that a look-up may visit. Of all patterns with wildcards in the same places, a URI matches one, so that
 * it follows as many paths as there are such shapes, and no more, however many patterns there are.
 */
const MOST_STEPS = 2_048

/** Values by wildcard pattern, in trees of URI components. An empty component of a pattern matches any one. */
export class WildcardMap<T> {
  /** By number of components: a URI matches no pattern that has more or fewer. */
  readonly #trees = new Map<number, Tree<T>>()

  get(pattern: string): T | undefined {
    const components = pattern.split('.')
    let node = this.#trees.get(components.length)?.root
    for (const component of components) node = node && childOf(node, component)
    return node?.value
  }

  /** Why this pattern would make look-ups slow, as a sentence; `undefined` if it would not. */
  refusalOf(pattern: string): string | undefined {
    const components = pattern.split('.')
    const { length } = components
    const shapes = this.#trees.get(length)?.shapes
    if (shapes === undefined || shapes.has(shapeOf(components))) return undefined
    const most = Math.max(1, Math.floor(MOST_STEPS / length))
    if (shapes.size < most) return undefined
    return `patterns of ${length} components have their wildcards in ${most} different places already, which is the most`
  }

  set(pattern: string, value: T): void {
    const components = pattern.split('.')
    const tree = this.#treeFor(components.length)
    let node = tree.root
    for (const component of components) node = childOf(node, component) ?? makeChild(node, component)
    if (node.value === undefined) count(tree.shapes, shapeOf(components), 1)
    node.value = value
  }

  delete(pattern: string): boolean {
    const components = pattern.split('.')
    const tree = this.#trees.get(components.length)
    if (tree === undefined || !removeBelow(tree.root, components, 0)) return false
    count(tree.shapes, shapeOf(components), -1)
    if (tree.shapes.size === 0) this.#trees.delete(components.length)
    return true
  }

  /** The value of the pattern that has a literal where others that match have a wildcard, from left to right. */
  best(uri: string): T | undefined {
    if (this.#trees.size === 0) return undefined
    const components = uri.split('.')
    const tree = this.#trees.get(components.length)
    return tree && bestBelow(tree.root, components, 0)
  }

  forEachMatch(uri: string, visit: (value: T) => void): void {
    if (this.#trees.size === 0) return
    const components = uri.split('.')
    const tree = this.#trees.get(components.length)
    if (tree !== undefined) visitBelow(tree.root, components, 0, visit)
  }

  #treeFor(length: number): Tree<T> {
    let tree = this.#trees.get(length)
    if (tree === undefined) {
      tree = { root: emptyNode(), shapes: new Map() }
      this.#trees.set(length, tree)
    }
    return tree
  }
}

/** Where the wildcards of a pattern are. */
function shapeOf(components: readonly string[]): string {
  return components.map((component) => (component === '' ? '.' : 'x')).join('')
}

function count(shapes: Map<string, number>, shape: string, change: 1 | -1): void {
  const now = (shapes.get(shape) ?? 0) + change
  if (now > 0) shapes.set(shape, now)
  else shapes.delete(shape)
}

function emptyNode<T>(): Node<T> {
  return { literals: undefined, wildcard: undefined, value: undefined }
}

function isEmpty(node: Node<unknown>): boolean {
  return node.value === undefined && node.wildcard === undefined && node.literals === undefined
}

function childOf<T>(node: Node<T>, component: string): Node<T> | undefined {
  return component === '' ? node.wildcard : node.literals?.get(component)
}

function makeChild<T>(node: Node<T>, component: string): Node<T> {
  const child = emptyNode<T>()
  if (component === '') node.wildcard = child
  else {
    node.literals ??= new Map()
    node.literals.set(component, child)
  }
  return child
}

/** Takes the value of a pattern out, and the nodes that lead to no other. @returns whether it was there. */
function removeBelow<T>(node: Node<T>, components: readonly string[], depth: number): boolean {
  const component = components[depth]
  if (component === undefined) {
    const { value } = node
    node.value = undefined
    return value !== undefined
  }
  const child = childOf(node, component)
  if (child === undefined || !removeBelow(child, components, depth + 1)) return false
  if (!isEmpty(child)) return true
  if (component === '') node.wildcard = undefined
  else {
    node.literals?.delete(component)
    if (node.literals?.size === 0) node.literals = undefined
  }
  return true
}

function bestBelow<T>(node: Node<T>, components: readonly string[], depth: number): T | undefined {
  const component = components[depth]
  if (component === undefined) return node.value
  const literal = node.literals?.get(component)
  const found = literal && bestBelow(literal, components, depth + 1)
  if (found !== undefined) return found
  return node.wildcard && bestBelow(node.wildcard, components, depth + 1)
}

function visitBelow<T>(
  node: Node<T>,
  components: readonly string[],
  depth: number,
  visit: (value: T) => void,
): void {
  const component = components[depth]
  if (component === undefined) {
    if (node.value !== undefined) visit(node.value)
    return
  }
  const literal = node.literals?.get(component)
  if (literal !== undefined) visitBelow(literal, components, depth + 1, visit)
  if (node.wildcard !== undefined) visitBelow(node.wildcard, components, depth + 1, visit)
}
