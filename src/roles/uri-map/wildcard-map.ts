interface Node<T> {
  readonly literals: Map<string, Node<T>>
  wildcard: Node<T> | undefined
  value: T | undefined
}

/** Values by wildcard pattern, in a tree of URI components. An empty component of a pattern matches any one. */
export class WildcardMap<T> {
  readonly #root: Node<T> = emptyNode()
  #size = 0

  get(pattern: string): T | undefined {
    let node: Node<T> | undefined = this.#root
    for (const component of pattern.split('.')) node = node && childOf(node, component)
    return node?.value
  }

  set(pattern: string, value: T): void {
    let node = this.#root
    for (const component of pattern.split('.')) {
      let child = childOf(node, component)
      if (child === undefined) {
        child = emptyNode<T>()
        if (component === '') node.wildcard = child
        else node.literals.set(component, child)
      }
      node = child
    }
    if (node.value === undefined) this.#size++
    node.value = value
  }

  delete(pattern: string): boolean {
    const path: [Node<T>, string][] = []
    let node = this.#root
    for (const component of pattern.split('.')) {
      const child = childOf(node, component)
      if (child === undefined) return false
      path.push([node, component])
      node = child
    }
    if (node.value === undefined) return false
    node.value = undefined
    this.#size--
    for (const [parent, component] of path.reverse()) {
      const child = childOf(parent, component)
      if (child === undefined || !isEmpty(child)) break
      if (component === '') parent.wildcard = undefined
      else parent.literals.delete(component)
    }
    return true
  }

  /** The value of the pattern that has a literal where others that match have a wildcard, from left to right. */
  best(uri: string): T | undefined {
    return this.#size === 0 ? undefined : bestBelow(this.#root, uri.split('.'), 0)
  }

  forEachMatch(uri: string, visit: (value: T) => void): void {
    if (this.#size > 0) visitBelow(this.#root, uri.split('.'), 0, visit)
  }
}

function emptyNode<T>(): Node<T> {
  return { literals: new Map(), wildcard: undefined, value: undefined }
}

function isEmpty(node: Node<unknown>): boolean {
  return node.value === undefined && node.wildcard === undefined && node.literals.size === 0
}

function childOf<T>(node: Node<T>, component: string): Node<T> | undefined {
  return component === '' ? node.wildcard : node.literals.get(component)
}

function bestBelow<T>(node: Node<T>, components: readonly string[], depth: number): T | undefined {
  const component = components[depth]
  if (component === undefined) return node.value
  const literal = node.literals.get(component)
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
  const literal = node.literals.get(component)
  if (literal !== undefined) visitBelow(literal, components, depth + 1, visit)
  if (node.wildcard !== undefined) visitBelow(node.wildcard, components, depth + 1, visit)
}
